// Reductions that stop early, and positions of extremes. Copied into the private copy of MLX's source as mlx/reductions.h.
#pragma once

#include <algorithm>
#include <cstring>
#include <vector>

#include "mlx/array.h"
#include "mlx/backend/common/utils.h"
#include "mlx/backend/cpu/simd/simd.h"

namespace mlx::core::rmlx {

// What differs from `neutral` decides any() and all().
inline bool differs(const bool* x, size_t size, bool neutral) {
  return std::memchr(x, !neutral, size) != nullptr;
}

// Does x take the place of y, the best before it? No comparison with NaN holds.
template <bool greatest, typename T>
auto better(T x, T y) {
  if constexpr (greatest) {
    return x > y;
  } else {
    return x < y;
  }
}

// NaN is passed over. The best of a block is found first, and its position only if it is better than those before.
template <bool greatest, typename T>
uint32_t first_best(const T* x, int64_t size) {
  if constexpr (std::is_same_v<T, bool>) {
    auto found = static_cast<const bool*>(std::memchr(x, greatest, size));
    return found ? found - x : 0;
  }
  constexpr int N = simd::max_size<T>, block = 1024;
  int64_t at = std::find_if(x, x + size, [](T value) { return value == value; }) - x;
  if (at == size) return 0;
  T best = x[at];
  int64_t i = at + 1;
  for (; i + block <= size; i += block) {
    simd::Simd<T, N> lanes(best);
    for (int k = 0; k < block; k += N) {
      auto next = simd::load<T, N>(x + i + k);
      lanes = simd::select(better<greatest>(next, lanes), next, lanes);
    }
    T found = best;
    for (int k = 0; k < N; ++k) {
      if (better<greatest, T>(lanes[k], found)) found = lanes[k];
    }
    if (better<greatest>(found, best)) {
      best = found;
      at = std::find(x + i, x + i + block, best) - x;
    }
  }
  for (; i < size; ++i) {
    if (better<greatest>(x[i], best)) best = x[i], at = i;
  }
  return at;
}

// The same along the first axis of a matrix, for `width` columns side by side. Rows are `step` apart, columns `gap`.
template <bool greatest, typename T>
void first_bests(const T* x, int64_t step, int64_t size, int64_t gap, int64_t width, uint32_t* at) {
  constexpr int64_t most = 512;
  T best[most];
  for (int64_t begin = 0; begin < width; begin += most) {
    const int columns = std::min(most, width - begin);
    auto row = x + begin * gap;
    auto where = at + begin;
    for (int k = 0; k < columns; ++k) best[k] = row[k * gap];
    std::fill(where, where + columns, 0);
    auto compare = [&](uint32_t j, auto gap) {
      for (int k = 0; k < columns; ++k) {
        const T next = row[k * gap];
        const bool is_better = better<greatest>(next, best[k]) | ((best[k] != best[k]) & (next == next));
        best[k] = is_better ? next : best[k];
        where[k] = is_better ? j : where[k];
      }
    };
    for (int64_t j = 1; j < size; ++j) {
      row += step;
      if (gap == 1) {
        compare(j, std::integral_constant<int, 1>{});
      } else {
        compare(j, gap);
      }
    }
  }
}

// Fills `out` with the positions along `axis`.
template <bool greatest, typename T>
void positions(const array& in, array& out, int axis) {
  const int64_t size = in.shape(axis), step = in.strides(axis);
  auto [shape, strides] = collapse_contiguous_dims(remove_index(in.shape(), axis), remove_index(in.strides(), axis));
  auto x = in.data<T>();
  auto at = out.data<uint32_t>();
  const int64_t width = shape.empty() ? 1 : shape.back(), gap = shape.empty() ? 1 : strides.back();
  // many short runs go side by side
  const bool one_by_one = (step == 1 || size == 1) && (size >= 64 || width < 8);
  for (size_t i = 0; i < out.size(); i += one_by_one ? 1 : width) {
    auto begin = x + elem_to_loc(i, shape, strides);
    if (one_by_one) {
      at[i] = first_best<greatest>(begin, size);
    } else {
      first_bests<greatest>(begin, step, size, gap, width, at + i);
    }
  }
}

} // namespace mlx::core::rmlx
