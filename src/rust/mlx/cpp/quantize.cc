#include "quantize.h"

namespace rmlx {

static std::optional<mx::array> maybe(const Arrays& xs) {
  return xs.empty() ? std::nullopt : std::optional<mx::array>(xs.front());
}

std::unique_ptr<Arrays> quantize(const Array& w, int32_t group_size, int32_t bits, rust::Str mode, bool gpu) {
  return std::make_unique<Arrays>(
      mx::quantize(w, group_size, bits, std::string(mode), std::nullopt, device_of(gpu)));
}

Made dequantize(
    const Array& w,
    const Array& scales,
    const Arrays& biases,
    int32_t group_size,
    int32_t bits,
    rust::Str mode,
    uint8_t dtype,
    bool gpu) {
  return wrap(mx::dequantize(
      w, scales, maybe(biases), group_size, bits, std::string(mode), std::nullopt, dtype_of(dtype), device_of(gpu)));
}

Made quantized_matmul(
    const Array& x,
    const Array& w,
    const Array& scales,
    const Arrays& biases,
    bool transpose,
    int32_t group_size,
    int32_t bits,
    rust::Str mode,
    bool gpu) {
  return wrap(mx::quantized_matmul(
      x, w, scales, maybe(biases), transpose, group_size, bits, std::string(mode), device_of(gpu)));
}

Made gather_qmm(
    const Array& x,
    const Array& w,
    const Array& scales,
    const Arrays& biases,
    const Arrays& lhs,
    const Arrays& rhs,
    bool transpose,
    int32_t group_size,
    int32_t bits,
    rust::Str mode,
    bool sorted,
    bool gpu) {
  return wrap(mx::gather_qmm(
      x,
      w,
      scales,
      maybe(biases),
      maybe(lhs),
      maybe(rhs),
      transpose,
      group_size,
      bits,
      std::string(mode),
      sorted,
      device_of(gpu)));
}

} // namespace rmlx
