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

// Does x take the place of y, the best before it? No comparison with NaN holds: one stays if it comes first and is passed
// over if not.
template <bool greatest, typename T>
auto better(T x, T y) {
  if constexpr (greatest) {
    return x > y;
  } else {
    return x < y;
  }
}

// The best of a block is found first, and its position only if it is better than those before.
template <bool greatest, typename T>
uint32_t first_best(const T* x, int64_t size) {
  if constexpr (std::is_same_v<T, bool>) {
    auto found = static_cast<const bool*>(std::memchr(x, greatest, size));
    return found ? found - x : 0;
  }
  constexpr int N = simd::max_size<T>, block = 1024;
  T best = x[0];
  int64_t at = 0, i = 0;
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

// The same along the first axis of a matrix whose rows are `step` apart, for `width` columns side by side.
template <bool greatest, typename T>
void first_bests(const T* x, int64_t step, int64_t size, int64_t width, uint32_t* at) {
  constexpr int64_t most = 512;
  T best[most];
  for (int64_t begin = 0; begin < width; begin += most) {
    const int columns = std::min(most, width - begin);
    auto row = x + begin;
    auto where = at + begin;
    std::copy(row, row + columns, best);
    std::fill(where, where + columns, 0);
    for (int64_t j = 1; j < size; ++j) {
      row += step;
      for (int k = 0; k < columns; ++k) {
        const bool is_better = better<greatest>(row[k], best[k]);
        best[k] = is_better ? row[k] : best[k];
        where[k] = is_better ? j : where[k];
      }
    }
  }
}

// Fills `out` with the positions along `axis`; false where neither the axis nor the one that runs fastest in `out` lies in
// contiguous memory.
template <bool greatest, typename T>
bool positions(const array& in, array& out, int axis) {
  auto size = in.shape(axis);
  auto step = in.strides(axis);
  auto [shape, strides] = collapse_contiguous_dims(remove_index(in.shape(), axis), remove_index(in.strides(), axis));
  auto x = in.data<T>();
  auto at = out.data<uint32_t>();
  if (step == 1 || size == 1) {
    for (size_t i = 0; i < out.size(); ++i) at[i] = first_best<greatest>(x + elem_to_loc(i, shape, strides), size);
    return true;
  }
  if (shape.empty() || strides.back() != 1) return false;
  const size_t width = shape.back();
  for (size_t i = 0; i < out.size(); i += width) {
    first_bests<greatest>(x + elem_to_loc(i, shape, strides), step, size, width, at + i);
  }
  return true;
}

} // namespace mlx::core::rmlx
