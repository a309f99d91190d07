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

} // namespace rmlx
