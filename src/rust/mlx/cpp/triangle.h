// Systems of equations with a triangular matrix.
#pragma once

#include "ops.h"

namespace rmlx {

// Solves a x = b on the CPU, for stacks of matrices too; `a` is ... x n x n, `b` is ... x n x k with the same leading axes.
mx::array triangular_solve(const mx::array& a, const mx::array& b, bool upper);

} // namespace rmlx
