// Fourier transforms.
#pragma once

#include "array.h"
#include "ops.h"

namespace rmlx {

Made fft(const Array& x, Ints axes, bool inverse, bool gpu);

} // namespace rmlx
