// Linear algebra on the CPU, where MLX has LAPACK, with the derivatives that MLX lacks. Matrices are the last two axes.
#pragma once

#include "array.h"
#include "ops.h"

namespace rmlx {

using MadeAll = std::unique_ptr<Arrays>;

MadeAll solve(const Array& a, const Array& b);
Made solve_triangle(const Array& a, const Array& b, bool upper);
Made inverse(const Array& a, bool triangular, bool upper);
Made pinv(const Array& a);
MadeAll cholesky(const Array& a, bool upper);
MadeAll qr(const Array& a);
MadeAll lu(const Array& a);
MadeAll svd(const Array& a);
Made singular_values(const Array& a);
MadeAll eigh(const Array& a, bool upper);
Made eigvalsh(const Array& a, bool upper);
MadeAll eig(const Array& a);
Made eigvals(const Array& a);

Made cross(const Array& a, const Array& b, int32_t axis, bool gpu);
Made kron(const Array& a, const Array& b, bool gpu);

} // namespace rmlx
