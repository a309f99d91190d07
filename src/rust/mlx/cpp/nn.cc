#include "nn.h"

namespace rmlx {

Made softmax_along(const Array& x, int32_t axis, bool gpu) {
  return wrap(mx::softmax(x, axis, true, device_of(gpu)));
}

Made logsumexp_along(const Array& x, int32_t axis, bool gpu) {
  return wrap(mx::logsumexp(x, axis, true, device_of(gpu)));
}

Made pick_along(const Array& x, const Array& indices, int32_t axis, bool gpu) {
  return wrap(mx::take_along_axis(x, indices, axis, device_of(gpu)));
}

Made layer_norm(const Array& x, const Array& weight, const Array& bias, float eps, bool gpu) {
  return wrap(mx::fast::layer_norm(x, weight, bias, eps, device_of(gpu)));
}

Made joined_along(const Arrays& xs, int32_t axis, bool gpu) {
  return wrap(mx::concatenate(xs, axis, device_of(gpu)));
}

} // namespace rmlx
