// The library that multiplies matrices on the CPU.
#pragma once

#include "rust/cxx.h"

namespace rmlx {

rust::String blas();
void choose_blas_kernels();

} // namespace rmlx
