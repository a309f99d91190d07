// Matrix products by BLAS: of half precision in single precision, and of matrices with vectors by the routine for these.
// Where BLAS would spend more time on packing a large matrix than on its product with a small one, kernels of our own.
// Copied into the private copy of MLX's source as mlx/products.h.
#pragma once

#include <algorithm>
#include <memory>

#include "mlx/backend/cpu/lapack.h"
#include "mlx/backend/cpu/simd/simd.h"
#include "mlx/layout.h"

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

// Keeps numbers in their register: a compiler would read them from memory again for each use.
template <typename V>
void keep(V& x) {
#ifdef RMLX_WIDE
  asm("" : "+x"(x.value));
#endif
}

// N columns of c = alpha * a b, R rows of it, where b lies row by row. A processor does not foresee as many streams as b has
// rows, so what comes next of them is asked for.
template <typename T, int N, int R>
void short_tile(int k, T alpha, const T* a, int a_row, int a_step, const T* b, int ldb, T* c, int ldc) {
  using V = simd::Simd<T, N>;
  constexpr int ahead = 64 / sizeof(T) * 4;
  V sums[R];
  for (auto& sum : sums) sum = V(T(0));
  for (int l = 0; l < k; ++l, a += a_step, b += ldb) {
    __builtin_prefetch(b + ahead);
    V column = simd::load<T, N>(b);
    keep(column);
#pragma GCC unroll 16
    for (int r = 0; r < R; ++r) sums[r] = sums[r] + V(a[size_t(r) * a_row]) * column;
  }
#pragma GCC unroll 16
  for (int r = 0; r < R; ++r) simd::store(c + size_t(r) * ldc, V(sums[r] * alpha));
}

// The same with all m rows of c, so that each row of b is read once for up to R of them: as many as registers can hold.
template <typename T, int N, int R = 14>
void short_rows(int m, int k, T alpha, const T* a, int a_row, int a_step, const T* b, int ldb, T* c, int ldc) {
  if (m > R) {
    short_rows<T, N>(m - m / 2, k, alpha, a + size_t(m / 2) * a_row, a_row, a_step, b, ldb, c + size_t(m / 2) * ldc, ldc);
    short_rows<T, N>(m / 2, k, alpha, a, a_row, a_step, b, ldb, c, ldc);
  } else if (m == R) {
    short_tile<T, N, R>(k, alpha, a, a_row, a_step, b, ldb, c, ldc);
  } else if constexpr (R > 1) {
    short_rows<T, N, R - 1>(m, k, alpha, a, a_row, a_step, b, ldb, c, ldc);
  }
}

// c = alpha * a b, where a has few rows and columns and b, row by row, has many columns.
template <typename T>
bool short_product(
    CBLAS_TRANSPOSE a_trans, CBLAS_TRANSPOSE b_trans, int m, int n, int k, T alpha, const T* a, int lda, const T* b, int ldb,
    T beta, T* c, int ldc) {
  constexpr int N = simd::max_size<T>;
  if (N == 1 || m > few || k > 4 * few || n < 16 * N || b_trans == CblasTrans || beta != 0) return false;
  int a_row = a_trans == CblasTrans ? 1 : lda, a_step = a_trans == CblasTrans ? lda : 1;
  int j = 0;
  for (; j + N <= n; j += N) short_rows<T, N>(m, k, alpha, a, a_row, a_step, b + j, ldb, c + j, ldc);
  for (; j < n; ++j) short_rows<T, 1>(m, k, alpha, a, a_row, a_step, b + j, ldb, c + j, ldc);
  return true;
}

// Adds alpha times the products of R rows of a with C columns of b, each of k numbers one after the other, to c. What the next
// block will need of b is asked for.
template <typename T, int N, int R, int C>
void dot_tile(int k, int block, T alpha, const T* a, int lda, const T* b, int ldb, T* c, int ldc) {
  using V = simd::Simd<T, N>;
  V sums[R][C];
  std::fill_n(&sums[0][0], R * C, V(T(0)));
  int l = 0;
  for (; l + N <= k; l += N) {
    V columns[C];
#pragma GCC unroll 8
    for (int j = 0; j < C; ++j) {
      columns[j] = simd::load<T, N>(b + size_t(j) * ldb + l);
      __builtin_prefetch(b + size_t(j) * ldb + l + block);
    }
#pragma GCC unroll 8
    for (int i = 0; i < R; ++i) {
      V row = simd::load<T, N>(a + size_t(i) * lda + l);
      keep(row);
#pragma GCC unroll 8
      for (int j = 0; j < C; ++j) sums[i][j] = sums[i][j] + row * columns[j];
    }
  }
  for (int i = 0; i < R; ++i) {
    for (int j = 0; j < C; ++j) {
      T total = simd::sum(sums[i][j]);
      for (int rest = l; rest < k; ++rest) total += a[size_t(i) * lda + rest] * b[size_t(j) * ldb + rest];
      c[size_t(i) * ldc + j] += alpha * total;
    }
  }
}

// The same with m rows, at most R, and n columns.
template <typename T, int N, int R>
void dot_rows(int m, int n, int k, int block, T alpha, const T* a, int lda, const T* b, int ldb, T* c, int ldc) {
  if constexpr (R > 1) {
    if (m < R) return dot_rows<T, N, R - 1>(m, n, k, block, alpha, a, lda, b, ldb, c, ldc);
  }
  constexpr int C = 2;
  int j = 0;
  for (; j + C <= n; j += C) dot_tile<T, N, R, C>(k, block, alpha, a, lda, b + size_t(j) * ldb, ldb, c + j, ldc);
  if (j < n) dot_tile<T, N, R, 1>(k, block, alpha, a, lda, b + size_t(j) * ldb, ldb, c + j, ldc);
}

// c = alpha * a b, small, from long rows of a and long columns of b: block by block of these, so that they stay near.
template <typename T>
bool long_product(
    CBLAS_TRANSPOSE a_trans, CBLAS_TRANSPOSE b_trans, int m, int n, int k, T alpha, const T* a, int lda, const T* b, int ldb,
    T beta, T* c, int ldc) {
  constexpr int N = simd::max_size<T>, R = 6, block = 512;
  if (N == 1 || m > 2 * few || n > 2 * few || k < block || a_trans == CblasTrans || b_trans != CblasTrans || beta != 0) {
    return false;
  }
  for (int i = 0; i < m; ++i) std::fill_n(c + size_t(i) * ldc, n, T(0));
  int parts = (m + R - 1) / R;
  for (int l = 0; l < k; l += block) {
    for (int part = 0; part < parts; ++part) {
      int i = m * part / parts, rows = m * (part + 1) / parts - i;
      dot_rows<T, N, R>(
          rows, n, std::min(block, k - l), block, alpha, a + size_t(i) * lda + l, lda, b + l, ldb, c + size_t(i) * ldc, ldc);
    }
  }
  return true;
}

// The product of matrices of one type, with the arguments of BLAS's routine.
template <typename T, typename Blas>
void product(
    Blas blas, CBLAS_ORDER order, CBLAS_TRANSPOSE a_trans, CBLAS_TRANSPOSE b_trans, int m, int n, int k, T alpha, const T* a,
    int lda, const T* b, int ldb, T beta, T* c, int ldc) {
  if (vector_product(a_trans, b_trans, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc)) return;
  if (short_product(a_trans, b_trans, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc)) return;
  if (long_product(a_trans, b_trans, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc)) return;
  blas(order, a_trans, b_trans, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
}

inline void gemm(
    CBLAS_ORDER order, CBLAS_TRANSPOSE a_trans, CBLAS_TRANSPOSE b_trans, int m, int n, int k, float alpha, const float* a,
    int lda, const float* b, int ldb, float beta, float* c, int ldc) {
  product(cblas_sgemm, order, a_trans, b_trans, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
}
inline void gemm(
    CBLAS_ORDER order, CBLAS_TRANSPOSE a_trans, CBLAS_TRANSPOSE b_trans, int m, int n, int k, double alpha, const double* a,
    int lda, const double* b, int ldb, double beta, double* c, int ldc) {
  product(cblas_dgemm, order, a_trans, b_trans, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
}

// Should the product of these matrices lie column by column? If it has many rows, few columns, and the first matrix lies so:
// what comes next goes through long columns then, not through short rows.
inline bool product_by_columns(const array& a, const array& out) {
  if (out.dtype() != float32 && out.dtype() != float64) return false;
  return narrow(out) && a.strides()[0] == 1 && a.strides()[1] >= a.shape(0);
}

} // namespace mlx::core::rmlx
