// Quantized matrices. A vector of arrays stands for an array that may be missing: it has one member or none.
#pragma once

#include "ops.h"

namespace rmlx {

std::unique_ptr<Arrays> quantize(const Array& w, int32_t group_size, int32_t bits, rust::Str mode, bool gpu);
Made dequantize(
    const Array& w,
    const Array& scales,
    const Arrays& biases,
    int32_t group_size,
    int32_t bits,
    rust::Str mode,
    uint8_t dtype,
    bool gpu);
Made quantized_matmul(
    const Array& x,
    const Array& w,
    const Array& scales,
    const Arrays& biases,
    bool transpose,
    int32_t group_size,
    int32_t bits,
    rust::Str mode,
    bool gpu);
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
    bool gpu);

} // namespace rmlx
