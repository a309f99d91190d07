// LAPACK's factors of stacks of matrices, on the CPU, which MLX does not vectorise.
#pragma once

#include "ops.h"

namespace rmlx {

// The rows' places, and the triangles.
Arrays lu_factors(const mx::array& a);
Arrays qr_factors(const mx::array& a);

} // namespace rmlx
