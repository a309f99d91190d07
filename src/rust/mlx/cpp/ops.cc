#include "ops.h"

#include <stdexcept>

#include "index.h"
#include "ops_table.h"

namespace rmlx {

[[noreturn]] static void no_such(const char* family) {
  throw std::invalid_argument(std::string("[") + family + "] no such operation");
}

Made unary(uint8_t op, const Array& x, bool gpu) {
  auto place = device_of(gpu);
  switch (op) { RMLX_UNARY_CASES }
  no_such("unary");
}

Made binary(uint8_t op, const Array& x, const Array& y, bool gpu) {
  auto place = device_of(gpu);
  switch (op) { RMLX_BINARY_CASES }
  no_such("binary");
}

Made reduce(uint8_t op, const Array& x, Ints over, bool keepdims, bool gpu) {
  auto place = device_of(gpu);
  auto axes = vector_of(over);
  switch (op) { RMLX_REDUCE_CASES }
  no_such("reduce");
}

Made moment(uint8_t op, const Array& x, Ints over, bool keepdims, int32_t ddof, bool gpu) {
  auto place = device_of(gpu);
  auto axes = vector_of(over);
  switch (op) { RMLX_MOMENT_CASES }
  no_such("moment");
}

Made scan(uint8_t op, const Array& x, int32_t axis, bool reverse, bool inclusive, bool gpu) {
  auto place = device_of(gpu);
  switch (op) { RMLX_SCAN_CASES }
  no_such("scan");
}

Made astype(const Array& x, uint8_t dtype, bool gpu) {
  return wrap(mx::astype(x, dtype_of(dtype), device_of(gpu)));
}

Made reshape(const Array& x, Ints shape, bool gpu) {
  return wrap(mx::reshape(x, shape_of(shape), device_of(gpu)));
}

Made transpose(const Array& x, Ints axes, bool gpu) {
  return wrap(mx::transpose(x, vector_of(axes), device_of(gpu)));
}

Made squeeze(const Array& x, Ints axes, bool gpu) {
  return wrap(mx::squeeze(x, vector_of(axes), device_of(gpu)));
}

Made broadcast_to(const Array& x, Ints shape, bool gpu) {
  return wrap(mx::broadcast_to(x, shape_of(shape), device_of(gpu)));
}

Made contiguous(const Array& x, bool gpu) {
  return wrap(mx::contiguous(x, false, device_of(gpu)));
}

Made select(const Array& condition, const Array& x, const Array& y, bool gpu) {
  return wrap(mx::where(condition, x, y, device_of(gpu)));
}

Made round(const Array& x, int32_t decimals, bool gpu) {
  return wrap(mx::round(x, decimals, device_of(gpu)));
}

Made take(const Array& x, const Array& indices, int32_t axis, bool gpu) {
  auto place = device_of(gpu);
  return wrap(gathered(x, {indices}, [=](const Arrays& in) { return mx::take(in[0], in[1], axis, place); }));
}

Made slice(const Array& x, Ints start, Ints stop, Ints strides, bool gpu) {
  return wrap(mx::slice(x, shape_of(start), shape_of(stop), shape_of(strides), device_of(gpu)));
}

Made part(const Array& x, bool imaginary, bool gpu) {
  return wrap(imaginary ? mx::imag(x, device_of(gpu)) : mx::real(x, device_of(gpu)));
}

} // namespace rmlx
