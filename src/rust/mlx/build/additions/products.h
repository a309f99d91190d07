// Matrix products by BLAS: of half precision in single precision, and of matrices with vectors by the routine for these.
// Copied into the private copy of MLX's source as mlx/products.h.
#pragma once

#include <algorithm>
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

inline void gemv(
    CBLAS_TRANSPOSE trans, int rows, int columns, float alpha, const float* a, int lda, const float* x, int step, float beta,
    float* y, int y_step) {
  cblas_sgemv(CblasRowMajor, trans, rows, columns, alpha, a, lda, x, step, beta, y, y_step);
}
inline void gemv(
    CBLAS_TRANSPOSE trans, int rows, int columns, double alpha, const double* a, int lda, const double* x, int step,
    double beta, double* y, int y_step) {
  cblas_dgemv(CblasRowMajor, trans, rows, columns, alpha, a, lda, x, step, beta, y, y_step);
}

// c = alpha * a b + beta * c where b is one column or a is one row, with the arguments of BLAS's gemm in its order by rows;
// false where neither is.
template <typename T>
bool vector_product(
    CBLAS_TRANSPOSE a_trans, CBLAS_TRANSPOSE b_trans, int m, int n, int k, T alpha, const T* a, int lda, const T* b, int ldb,
    T beta, T* c, int ldc) {
  if (m == 0 || n == 0 || k == 0 || (m != 1 && n != 1)) return false;
  bool a_is = a_trans == CblasTrans, b_is = b_trans == CblasTrans;
  int step = n == 1 ? ldc : 1;
  if (beta == 0) {
    // what was there may be anything
    for (int i = 0; i < std::max(m, n); ++i) c[size_t(i) * step] = 0;
  }
  if (n == 1) {
    gemv(a_trans, a_is ? k : m, a_is ? m : k, alpha, a, lda, b, b_is ? 1 : ldb, beta, c, step);
  } else {
    gemv(b_is ? CblasNoTrans : CblasTrans, b_is ? n : k, b_is ? k : n, alpha, b, ldb, a, a_is ? lda : 1, beta, c, step);
  }
  return true;
}

inline void gemm(
    CBLAS_ORDER order, CBLAS_TRANSPOSE a_trans, CBLAS_TRANSPOSE b_trans, int m, int n, int k, float alpha, const float* a,
    int lda, const float* b, int ldb, float beta, float* c, int ldc) {
  if (vector_product(a_trans, b_trans, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc)) return;
  cblas_sgemm(order, a_trans, b_trans, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
}
inline void gemm(
    CBLAS_ORDER order, CBLAS_TRANSPOSE a_trans, CBLAS_TRANSPOSE b_trans, int m, int n, int k, double alpha, const double* a,
    int lda, const double* b, int ldb, double beta, double* c, int ldc) {
  if (vector_product(a_trans, b_trans, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc)) return;
  cblas_dgemm(order, a_trans, b_trans, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
}

} // namespace mlx::core::rmlx
