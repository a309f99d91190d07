// Elementwise operations on arrays that lie in memory column by column, as R's do. Copied into the private copy of MLX's
// source as mlx/layout.h.
#pragma once

#include <algorithm>
#include <functional>
#include <vector>

#include "mlx/array.h"
#include "mlx/backend/common/utils.h"

namespace mlx::core::rmlx {

// Does the first axis run fastest, and is that not the same as the last one doing so?
inline bool by_columns(const array& x) {
  return x.flags().col_contiguous && !x.flags().row_contiguous;
}

// Has a matrix long columns and short rows, which are slow to go through one by one?
constexpr int few = 16;
inline bool narrow(const array& x) {
  return x.ndim() == 2 && x.shape(1) > 1 && x.shape(1) <= few && x.shape(0) >= few * few;
}

// Arrays by reference: a copy would count as somebody who needs them.
using Inputs = std::vector<std::reference_wrapper<const array>>;

// Has an argument all the numbers of the result, none of them repeated?
inline bool matches(const array& x, const array& out) {
  return x.shape() == out.shape() && x.data_size() >= out.size();
}

// Should the result lie column by column? If an argument of its size does and none lies row by row; without any of its
// size, if it is narrow.
inline bool prefers_columns(const Inputs& inputs, const array& out) {
  bool columns = false, alone = true;
  for (const array& x : inputs) {
    if (!matches(x, out)) continue;
    if (x.flags().row_contiguous) return false;
    alone = false;
    columns = columns || by_columns(x);
  }
  return columns || (alone && narrow(out));
}

// Gives a result memory, column by column.
inline void fill_by_columns(array& out) {
  Strides strides(out.ndim());
  int64_t step = 1;
  for (int i = 0; i < out.ndim(); ++i) {
    strides[i] = step;
    step *= out.shape(i);
  }
  array::Flags flags = out.flags();
  flags.contiguous = true;
  flags.row_contiguous = false;
  flags.col_contiguous = true;
  out.set_data(allocator::malloc(out.nbytes()), out.size(), std::move(strides), flags);
}

// The same if it should lie so, in the memory of an argument that nobody needs any more if there is one.
inline bool fill_by_columns(const Inputs& inputs, array& out) {
  if (!prefers_columns(inputs, out)) return false;
  for (const array& x : inputs) {
    if (matches(x, out) && by_columns(x) && is_donatable(x, out)) {
      out.copy_shared_buffer(x);
      return true;
    }
  }
  fill_by_columns(out);
  return true;
}

// The axes that arrays are gone through along, with their strides: the last is that which runs fastest in the result.
inline auto collapse(const array& out, std::vector<Strides> strides) {
  Shape shape = out.shape();
  if (by_columns(out)) {
    std::reverse(shape.begin(), shape.end());
    for (auto& steps : strides) std::reverse(steps.begin(), steps.end());
  }
  return collapse_contiguous_dims(shape, strides);
}

// A view with `ndim` axes in reverse order; of a result that has no memory yet, only the shape.
inline array reversed(const array& x, int ndim) {
  Shape shape(ndim - x.ndim(), 1);
  shape.insert(shape.end(), x.shape().begin(), x.shape().end());
  std::reverse(shape.begin(), shape.end());
  array view(shape, x.dtype(), nullptr, {});
  if (x.data_shared_ptr() == nullptr) return view;
  Strides strides(ndim - x.ndim(), 0);
  strides.insert(strides.end(), x.strides().begin(), x.strides().end());
  std::reverse(strides.begin(), strides.end());
  array::Flags flags = x.flags();
  flags.row_contiguous = x.flags().col_contiguous;
  flags.col_contiguous = x.flags().row_contiguous;
  view.copy_shared_buffer(x, strides, flags, x.data_size());
  return view;
}

inline std::vector<array> reversed(const std::vector<array>& inputs, int ndim) {
  std::vector<array> views;
  for (auto& x : inputs) views.push_back(x.ndim() == 0 ? x : reversed(x, ndim));
  return views;
}

} // namespace mlx::core::rmlx
