#include "shape.h"

namespace rmlx {

std::unique_ptr<Array> expand_dims(const Array& x, Ints axes, bool gpu) {
  return wrap(mx::expand_dims(x, vector_of(axes), device_of(gpu)));
}

std::unique_ptr<Array> concatenate(const Arrays& xs, int32_t axis, bool gpu) {
  return wrap(mx::concatenate(xs, axis, device_of(gpu)));
}

std::unique_ptr<Array> pad(const Array& x, Ints axes, Ints low, Ints high, const Array& value, bool gpu) {
  return wrap(mx::pad(x, vector_of(axes), shape_of(low), shape_of(high), value, "constant", device_of(gpu)));
}

std::unique_ptr<Array> diagonal(const Array& x, int32_t offset, int32_t axis1, int32_t axis2, bool gpu) {
  return wrap(mx::diagonal(x, offset, axis1, axis2, device_of(gpu)));
}

std::unique_ptr<Array> indices(int32_t n, bool gpu) {
  return wrap(mx::arange(n, device_of(gpu)));
}

} // namespace rmlx
