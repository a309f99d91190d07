//! Results that were wrong, or less exact than they can be.

use super::Edit;

pub(super) const EDITS: &[Edit] = &[
    Edit {
        what: "long sums along contiguous memory are made of the sums of halves, so that they keep their precision",
        file: "mlx/backend/cpu/reduce.cpp",
        times: 1,
        anchor: r"
void contiguous_reduce(const T* x, U* accumulator, int size, Op op, U init) {
",
        replacement: r"
void contiguous_reduce(const T* x, U* accumulator, int size, Op op, U init) {
  if (size > rmlx::reduce_block) {
    U left = init;
    U right = init;
    contiguous_reduce(x, &left, size / 2, op, init);
    contiguous_reduce(x + size / 2, &right, size - size / 2, op, init);
    *accumulator = op(*accumulator, op(left, right));
    return;
  }
",
    },
    Edit {
        what: "long sums across contiguous memory keep their precision too",
        file: "mlx/backend/cpu/reduce.cpp",
        times: 1,
        anchor: r"
    int size,
    size_t stride,
    Op op) {
",
        replacement: r"
    int size,
    size_t stride,
    Op op) {
  if (size > rmlx::reduce_block) {
    int half = size / 2;
    strided_reduce(x, accumulator, half, stride, op);
    x += half * stride;
    std::unique_ptr<U[]> right(new U[stride]);
    for (size_t i = 0; i < stride; ++i) right[i] = static_cast<U>(x[i]);
    strided_reduce(x + stride, right.get(), size - half - 1, stride, op);
    for (size_t i = 0; i < stride; ++i) accumulator[i] = op(accumulator[i], right[i]);
    return;
  }
",
    },
    Edit {
        what: "a reduction of nothing is its neutral value, and one over axes of length 1 leaves all as it is",
        file: "mlx/backend/cpu/reduce.cpp",
        times: 1,
        anchor: r"
    U init) {
  ReductionPlan plan = get_reduction_plan(x, axes);
",
        replacement: r"
    U init) {
  if (x.size() == 0) {
    std::fill_n(out.data<U>(), out.size(), init);
    return;
  }
  if (x.size() == out.size()) {
    for (size_t i = 0; i < x.size(); ++i) {
      out.data<U>()[i] = Op{}(init, x.data<T>()[elem_to_loc(i, x.shape(), x.strides())]);
    }
    return;
  }
  ReductionPlan plan = get_reduction_plan(x, axes);
",
    },
    Edit {
        what: "a view with an axis parted is not taken for one whose first axis runs fastest",
        file: "mlx/backend/common/common.cpp",
        times: 1,
        anchor: r"
    flags.col_contiguous = out.size() <= 1 || out.size() == *max_dim;
  }
  out.copy_shared_buffer(in, out_strides, flags, in.data_size());
",
        replacement: r"
    flags.col_contiguous = out.size() <= 1 || out.size() == *max_dim;
  } else if (flags.col_contiguous) {
    int64_t step = 1;
    for (int i = 0; i < out.ndim(); i++) {
      flags.col_contiguous &= out.shape(i) == 1 || out_strides[i] == step;
      step *= out.shape(i);
    }
  }
  out.copy_shared_buffer(in, out_strides, flags, in.data_size());
",
    },
    Edit {
        what: "the parts of an array that runs backwards have as many elements as any",
        file: "mlx/backend/common/common.cpp",
        times: 1,
        anchor: "      if (strides[i] > 0) {\n        data_size *= shape[i];\n",
        replacement: "      if (strides[i] != 0) {\n        data_size *= shape[i];\n",
    },
    Edit {
        what: "the gradient of padding some axes cuts those",
        file: "mlx/primitives.cpp",
        times: 1,
        anchor: r"
  for (auto i : axes_) {
    start[i] = low_pad_size_[i];
    stop[i] -= high_pad_size_[i];
  }
",
        replacement: r"
  for (size_t k = 0; k < axes_.size(); k++) {
    start[axes_[k]] = low_pad_size_[k];
    stop[axes_[k]] -= high_pad_size_[k];
  }
",
    },
    Edit {
        what: "normalised slices can change where they stop",
        file: "mlx/ops.cpp",
        times: 1,
        anchor: "\nnormalize_slice(const Shape& shape, Shape& start, Shape stop, Shape& strides) {\n",
        replacement: "\nnormalize_slice(const Shape& shape, Shape& start, Shape& stop, Shape& strides) {\n",
    },
    Edit {
        what: "a slice of one element ends one after its start, so that its derivatives have its shape",
        file: "mlx/ops.cpp",
        times: 1,
        anchor: r"
    if (out_shape[i] == 1) {
      strides[i] = 1;
",
        replacement: r"
    if (out_shape[i] == 1) {
      strides[i] = 1;
      stop[i] = start[i] + 1;
",
    },
];
