// Convolutions.
#pragma once

#include "ops.h"

namespace rmlx {

Made convolve(
    const Array& x,
    const Array& weight,
    Ints stride,
    Ints low,
    Ints high,
    Ints dilation,
    Ints spread,
    int32_t groups,
    bool flip,
    bool gpu);
Made pad_zeros(const Array& x, Ints low, Ints high, bool gpu);

} // namespace rmlx
