// Softmax along the last axis of an array that lies column by column, as R's matrices do, without turning it around first.
// Copied into the private copy of MLX's source as mlx/softmax.h.
#pragma once

#include <algorithm>
#include <limits>
#include <type_traits>
#include <vector>

#include "mlx/backend/cpu/simd/simd.h"
#include "mlx/layout.h"

namespace mlx::core::rmlx {

// Calls f(width, i) for i from 0 to size, N numbers at a time and then one by one.
template <int N, typename F>
void in_vectors(size_t size, F f) {
  size_t i = 0;
  for (; i + N <= size; i += N) f(std::integral_constant<int, N>(), i);
  for (; i < size; ++i) f(std::integral_constant<int, 1>(), i);
}

// `some` rows of a matrix of `rows` rows. Sums are taken in blocks, for precision.
template <typename T, typename U>
void softmax_of_rows(const T* in, T* out, size_t some, size_t rows, size_t columns, U* maxima, U* sums, U* parts) {
  constexpr int N = std::min(simd::max_size<T>, simd::max_size<U>);
  constexpr size_t block = 64;
  std::fill_n(maxima, some, -std::numeric_limits<U>::infinity());
  std::fill_n(sums, some, U(0));
  std::fill_n(parts, some, U(0));
  for (size_t j = 0; j < columns; ++j) {
    in_vectors<N>(some, [&, x = in + j * rows](auto width, size_t i) {
      using V = simd::Simd<U, width()>;
      simd::store(maxima + i, simd::maximum(simd::load<U, width()>(maxima + i), V(simd::load<T, width()>(x + i))));
    });
  }
  auto power = [&](auto width, const T* x, size_t i) {
    using V = simd::Simd<U, width()>;
    return V(simd::exp(V(simd::load<T, width()>(x + i)) - simd::load<U, width()>(maxima + i)));
  };
  for (size_t j = 0; j < columns; ++j) {
    in_vectors<N>(some, [&, x = in + j * rows, y = out + j * rows](auto width, size_t i) {
      using V = simd::Simd<U, width()>;
      V e = power(width, x, i);
      if constexpr (std::is_same_v<T, U>) simd::store(y + i, e);
      simd::store(parts + i, V(simd::load<U, width()>(parts + i) + e));
    });
    if (j % block == block - 1 || j + 1 == columns) {
      for (size_t i = 0; i < some; ++i) sums[i] += parts[i];
      std::fill_n(parts, some, U(0));
    }
  }
  for (size_t i = 0; i < some; ++i) sums[i] = 1 / sums[i];
  for (size_t j = 0; j < columns; ++j) {
    in_vectors<N>(some, [&, x = in + j * rows, y = out + j * rows](auto width, size_t i) {
      using V = simd::Simd<U, width()>;
      V scale = simd::load<U, width()>(sums + i);
      if constexpr (std::is_same_v<T, U>) {
        simd::store(y + i, V(simd::load<T, width()>(y + i) * scale));
      } else {
        simd::store(y + i, simd::Simd<T, width()>(V(power(width, x, i) * scale)));
      }
    });
  }
}

// Are the columns long enough to go through them?
inline bool softmax_prefers_columns(const array& x) {
  constexpr int64_t least = 64;
  return by_columns(x) && x.size() > 0 && x.size() >= least * x.shape(-1);
}

// Few columns: as many rows at a time as stay near while they are gone through three times.
template <typename T>
void softmax_by_columns(const T* in, T* out, size_t rows, size_t columns) {
  using U = std::conditional_t<std::is_same_v<T, double>, double, float>;
  constexpr size_t most = 4096, near = 1 << 16;
  size_t chunk = std::min(rows, columns < near / 256 ? std::min(near / columns, most) : most);
  std::vector<U> space(3 * chunk);
  for (size_t i = 0; i < rows; i += chunk) {
    softmax_of_rows<T, U>(
        in + i, out + i, std::min(chunk, rows - i), rows, columns, space.data(), space.data() + chunk, space.data() + 2 * chunk);
  }
}

} // namespace mlx::core::rmlx
