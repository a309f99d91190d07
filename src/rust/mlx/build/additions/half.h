// Products of half-precision matrices in single precision, by BLAS. Copied into the private copy of MLX's source as mlx/half.h.
#pragma once

#include <memory>

#include "mlx/backend/cpu/lapack.h"
#include "mlx/backend/cpu/simd/simd.h"

namespace mlx::core::rmlx {

template <typename T, typename U>
void convert(const T* x, U* y, size_t size) {
  constexpr int N = std::min(simd::max_size<T>, simd::max_size<U>);
  size_t i = 0;
  for (; i + N <= size; i += N) simd::store(y + i, simd::Simd<U, N>(simd::load<T, N>(x + i)));
  for (; i < size; ++i) y[i] = static_cast<U>(x[i]);
}

// c = alpha * a b + beta * c, where a is m x k and b is k x n, or their transposes; all row by row.
template <typename T>
void gemm(
    const T* a, const T* b, T* c, bool a_transposed, bool b_transposed, int m, int n, int k, float alpha, float beta) {
  auto floats = [](size_t size) { return std::unique_ptr<float[]>(new float[size]); };
  size_t a_size = size_t(m) * k, b_size = size_t(k) * n, c_size = size_t(m) * n;
  auto wide_a = floats(a_size), wide_b = floats(b_size), wide_c = floats(c_size);
  convert(a, wide_a.get(), a_size);
  convert(b, wide_b.get(), b_size);
  if (beta != 0) convert(c, wide_c.get(), c_size);
  cblas_sgemm(
      CblasRowMajor, a_transposed ? CblasTrans : CblasNoTrans, b_transposed ? CblasTrans : CblasNoTrans, m, n, k, alpha,
      wide_a.get(), a_transposed ? m : k, wide_b.get(), b_transposed ? k : n, beta, wide_c.get(), n);
  convert(wide_c.get(), c, c_size);
}

} // namespace mlx::core::rmlx
