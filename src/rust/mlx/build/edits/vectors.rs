//! Kernels that compute several numbers at once, and faster ways to reduce, sort and choose.

use super::Edit;

pub(super) const EDITS: &[Edit] = &[
    Edit {
        what: "a wide build has vectors of several numbers",
        file: "mlx/backend/cpu/simd/type.h",
        times: 1,
        anchor: r#"
#include "mlx/backend/cpu/simd/base_simd.h"
"#,
        replacement: r#"
#include "mlx/backend/cpu/simd/base_simd.h"
#ifdef RMLX_WIDE
#include "mlx/backend/cpu/simd/wide.h"
#endif
"#,
    },
    Edit {
        what: "vectors of truth values are read from bytes",
        file: "mlx/backend/cpu/simd/base_simd.h",
        times: 1,
        anchor: r"
  return *(Simd<T, N>*)x;
",
        replacement: r"
#ifdef RMLX_WIDE
  if constexpr (std::is_same_v<T, bool> && N > 1) {
    return Simd<T, N>::load(x);
  }
#endif
  return *(Simd<T, N>*)x;
",
    },
    Edit {
        what: "vectors of truth values are written as bytes",
        file: "mlx/backend/cpu/simd/base_simd.h",
        times: 1,
        anchor: r"
    x = x & 1;
",
        replacement: r"
#ifdef RMLX_WIDE
    x.store(dst);
    return;
#else
    x = x & 1;
#endif
",
    },
    Edit {
        what: "only large arguments of sine and cosine are left to the C library, not those beside them",
        file: "mlx/backend/cpu/simd/math.h",
        times: 1,
        anchor: r"
    Simd<T, N> out;
    for (int i = 0; i < N; ++i) {
      float v = xf[i];
",
        replacement: r"
    Simd<T, N> out = sincos<Sine>(x);
    for (int i = 0; i < N; ++i) {
      float v = xf[i];
      if (std::abs(v) <= 8388608.0f) continue;
",
    },
    Edit {
        what: "reductions along contiguous memory keep four partial results",
        file: "mlx/backend/cpu/reduce.cpp",
        times: 1,
        anchor: r"
  simd::Simd<U, N> accumulator_v(init);
",
        replacement: r"
  simd::Simd<U, N> accumulator_v(init);
  if (size >= 8 * N) {
    simd::Simd<U, N> b(init), c(init), d(init);
    for (; size >= 4 * N; size -= 4 * N, x += 4 * N) {
      accumulator_v = op(accumulator_v, simd::Simd<U, N>(simd::load<T, N>(x)));
      b = op(b, simd::Simd<U, N>(simd::load<T, N>(x + N)));
      c = op(c, simd::Simd<U, N>(simd::load<T, N>(x + 2 * N)));
      d = op(d, simd::Simd<U, N>(simd::load<T, N>(x + 3 * N)));
    }
    accumulator_v = op(op(accumulator_v, b), op(c, d));
  }
",
    },
    Edit {
        what: "truth values are searched for the one that decides",
        file: "mlx/backend/cpu/reduce.cpp",
        times: 1,
        anchor: r"
void contiguous_reduce(const T* x, U* accumulator, int size, Op op, U init) {
",
        replacement: r"
void contiguous_reduce(const T* x, U* accumulator, int size, Op op, U init) {
  if constexpr (std::is_same_v<T, bool> && std::is_same_v<U, bool>) {
    if (rmlx::differs(x, size, init)) *accumulator = !init;
    return;
  }
",
    },
    Edit {
        what: "reductions know the additions",
        file: "mlx/backend/cpu/reduce.cpp",
        times: 1,
        anchor: r#"
#include "mlx/primitives.h"
"#,
        replacement: r#"
#include "mlx/primitives.h"
#include "mlx/reductions.h"
"#,
    },
    Edit {
        what: "positions of extremes are found for several numbers at once, and pass over NaN",
        file: "mlx/backend/cpu/arg_reduce.cpp",
        times: 1,
        anchor: r"
    int axis) {
  switch (rtype) {
",
        replacement: r"
    int axis) {
  if constexpr (!std::is_same_v<InT, complex64_t>) {
    if (rtype == ArgReduce::ArgMax) {
      rmlx::positions<true, InT>(in, out, axis);
    } else {
      rmlx::positions<false, InT>(in, out, axis);
    }
    return;
  }
  switch (rtype) {
",
    },
    Edit {
        what: "positions of extremes know the additions",
        file: "mlx/backend/cpu/arg_reduce.cpp",
        times: 1,
        anchor: r#"
#include "mlx/primitives.h"
"#,
        replacement: r#"
#include "mlx/primitives.h"
#include "mlx/reductions.h"
"#,
    },
    Edit {
        what: "many numbers are sorted by their digits",
        file: "mlx/backend/cpu/sort.cpp",
        times: 1,
        anchor: r"
    StridedIterator st(data_ptr, axis_stride, 0);
    StridedIterator ed(data_ptr, axis_stride, axis_size);

    std::stable_sort(st, ed, nan_aware_less<T>);
",
        replacement: r"
    if (!rmlx::sort_by_digits(data_ptr, axis_stride, axis_size)) {
      StridedIterator st(data_ptr, axis_stride, 0);
      StridedIterator ed(data_ptr, axis_stride, axis_size);

      std::stable_sort(st, ed, nan_aware_less<T>);
    }
",
    },
    Edit {
        what: "many numbers are ordered by their digits",
        file: "mlx/backend/cpu/sort.cpp",
        times: 1,
        anchor: r"
    // Sort according to vals
    StridedIterator st(idx_ptr, out_stride, 0);
    StridedIterator ed(idx_ptr, out_stride, axis_size);
",
        replacement: r"
    if (rmlx::order_by_digits(data_ptr, in_stride, axis_size, idx_ptr, out_stride)) {
      continue;
    }

    // Sort according to vals
    StridedIterator st(idx_ptr, out_stride, 0);
    StridedIterator ed(idx_ptr, out_stride, axis_size);
",
    },
    Edit {
        what: "sorting knows the additions",
        file: "mlx/backend/cpu/sort.cpp",
        times: 1,
        anchor: r#"
#include "mlx/backend/cpu/encoder.h"
"#,
        replacement: r#"
#include "mlx/backend/cpu/encoder.h"
#include "mlx/digits.h"
"#,
    },
    Edit {
        what: "a choice between arrays is made for several numbers at once",
        file: "mlx/backend/cpu/ternary.h",
        times: 1,
        anchor: r"
    for (size_t i = 0; i < out.size(); ++i) {
      *out_ptr = op(*a_ptr, *b_ptr, *c_ptr);
",
        replacement: r"
    size_t i = 0;
#ifdef RMLX_WIDE
    constexpr int N = simd::max_size<U>;
    if constexpr (N > 1) {
      for (; i + N <= out.size(); i += N, a_ptr += N, b_ptr += N, c_ptr += N, out_ptr += N) {
        simd::store(out_ptr, op(simd::load<T1, N>(a_ptr), simd::load<T2, N>(b_ptr), simd::load<T3, N>(c_ptr)));
      }
    }
#endif
    for (; i < out.size(); ++i) {
      *out_ptr = op(*a_ptr, *b_ptr, *c_ptr);
",
    },
    Edit {
        what: "a choice between an array and a number is made for several numbers at once",
        file: "mlx/backend/cpu/ternary.h",
        times: 1,
        anchor: r"
  auto N = shape[axis];

  for (int i = 0; i < N; i++) {
",
        replacement: r"
  auto N = shape[axis];

  int i = 0;
#ifdef RMLX_WIDE
  constexpr int S = simd::max_size<U>;
  auto steps = [](auto stride) { return stride == 0 || stride == 1; };
  if constexpr (D == 1 && S > 1) {
    if (stride_out == 1 && steps(stride_a) && steps(stride_b) && steps(stride_c)) {
      for (; i + S <= N; i += S) {
        simd::store(
            out,
            op(stride_a ? simd::load<T1, S>(a) : simd::Simd<T1, S>(*a),
               stride_b ? simd::load<T2, S>(b) : simd::Simd<T2, S>(*b),
               stride_c ? simd::load<T3, S>(c) : simd::Simd<T3, S>(*c)));
        a += S * stride_a;
        b += S * stride_b;
        c += S * stride_c;
        out += S;
      }
    }
  }
#endif
  for (; i < N; i++) {
",
    },
    Edit {
        what: "choices know the additions",
        file: "mlx/backend/cpu/ternary.h",
        times: 1,
        anchor: r#"
#include "mlx/backend/cpu/encoder.h"
"#,
        replacement: r#"
#include "mlx/backend/cpu/encoder.h"
#include "mlx/backend/cpu/simd/simd.h"
#include "mlx/layout.h"
"#,
    },
    Edit {
        what: "numbers at positions that lie one after the other are gathered without looking for the next position",
        file: "mlx/backend/cpu/indexing.cpp",
        times: 1,
        anchor: r"
  size_t ind_size = slice_size == 0 ? 0 : out.size() / slice_size;
  const T* src_ptr = src.data<T>();
  T* dst_ptr = out.data<T>();
",
        replacement: r"
  size_t ind_size = slice_size == 0 ? 0 : out.size() / slice_size;
  const T* src_ptr = src.data<T>();
  T* dst_ptr = out.data<T>();

  if (slice_size == 1 && inds.size() == 1 && inds[0].flags().row_contiguous) {
    const IdxT* positions = inds[0].data<IdxT>();
    const size_t side = src.shape(axes[0]);
    const auto stride = src.strides()[axes[0]];
    for (size_t i = 0; i < ind_size; ++i) dst_ptr[i] = src_ptr[offset_neg_idx(positions[i], side) * stride];
    return;
  }
",
    },
];
