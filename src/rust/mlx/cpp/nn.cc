#include "nn.h"

namespace rmlx {

Made layer_norm(const Array& x, const Array& weight, const Array& bias, float eps, bool gpu) {
  return wrap(mx::fast::layer_norm(x, weight, bias, eps, device_of(gpu)));
}

} // namespace rmlx
