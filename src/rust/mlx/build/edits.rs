//! Small anchored edits of our private copy of MLX. Each names the text it replaces; an anchor that no longer
//! matches fails the build, so that a bump of MLX cannot drop one unnoticed.

use crate::sources::read;
use crate::Result;
use std::fs;
use std::hash::{Hash, Hasher};
use std::path::Path;

struct Edit {
    what: &'static str,
    file: &'static str,
    /// How often the anchor occurs; every place is edited.
    times: usize,
    anchor: &'static str,
    replacement: &'static str,
}

/// What the edits call; copied among MLX's own headers.
const ADDITIONS: &[(&str, &str)] = &[
    ("mlx/rmlx.h", include_str!("additions/rmlx.h")),
    ("mlx/fused.h", include_str!("additions/fused.h")),
    ("mlx/products.h", include_str!("additions/products.h")),
    ("mlx/digits.h", include_str!("additions/digits.h")),
    ("mlx/layout.h", include_str!("additions/layout.h")),
    ("mlx/reductions.h", include_str!("additions/reductions.h")),
    ("mlx/backend/cpu/simd/wide.h", include_str!("additions/wide.h")),
];

/// A function that MLX computes by a polynomial in single precision, whatever it is given. A wide build computes one number
/// like a lane of a vector, so that a result does not depend on where in an array a number lies.
macro_rules! polynomial {
    ($name:literal, $argument:literal) => {
        Edit {
            what: concat!($name, " of double precision is computed in double precision"),
            file: "mlx/backend/cpu/simd/math.h",
            times: 1,
            anchor: concat!("\nSimd<T, N> ", $name, "(Simd<T, N> ", $argument, ") {\n"),
            replacement: concat!(
                "\nSimd<T, N> ",
                $name,
                "(Simd<T, N> ",
                $argument,
                ") {\n#ifdef RMLX_WIDE\n  if constexpr (std::is_same_v<T, double>) {\n    return ",
                $name,
                "_double(",
                $argument,
                ");\n  } else if constexpr (N == 1 && max_size<T> > 1) {\n    return Simd<T, 1>(",
                $name,
                "(Simd<T, max_size<T>>(",
                $argument,
                ".value))[0]);\n  }\n#else\n",
                "  if constexpr (std::is_same_v<T, double> && N == 1) {\n    return Simd<T, N>(std::",
                $name,
                "(",
                $argument,
                ".value));\n  }\n#endif\n"
            ),
        }
    };
}

/// A product of half-precision matrices.
macro_rules! half_product {
    ($file:literal, $type:literal) => {
        Edit {
            what: "products of half-precision matrices are left to BLAS",
            file: $file,
            times: 1,
            anchor: concat!("    simd_gemm<", $type, ", float>(\n"),
            replacement: "    rmlx::gemm(\n",
        }
    };
}

/// Its header.
macro_rules! half_header {
    ($file:literal) => {
        Edit {
            what: "products of half-precision matrices know the additions",
            file: $file,
            times: 1,
            anchor: "#include \"mlx/backend/cpu/gemms/simd_gemm.h\"\n",
            replacement: "#include \"mlx/products.h\"\n",
        }
    };
}

const EDITS: &[Edit] = &[
    Edit {
        what: "an allocation that fails is tried again without what is kept for reuse, and raises an error at last",
        file: "mlx/backend/no_gpu/allocator.cpp",
        times: 1,
        anchor: r"
  void* ptr = std::malloc(size + sizeof(size_t));
  if (ptr != nullptr) {
    *static_cast<size_t*>(ptr) = size;
  }
",
        replacement: r#"
  void* ptr = size > memory_limit_ ? nullptr : std::malloc(size + sizeof(size_t));
  if (ptr == nullptr && size <= memory_limit_) {
    lk.lock();
    buffer_cache_.clear();
    lk.unlock();
    ptr = std::malloc(size + sizeof(size_t));
  }
  if (ptr == nullptr) {
    throw std::runtime_error("[malloc] Unable to allocate " + std::to_string(size) + " bytes.");
  }
  *static_cast<size_t*>(ptr) = size;
"#,
    },
    Edit {
        what: "the headers that the failed allocation needs",
        file: "mlx/backend/no_gpu/allocator.cpp",
        times: 1,
        anchor: r"
#include <mutex>
",
        replacement: r"
#include <mutex>
#include <stdexcept>
#include <string>
",
    },
    Edit {
        what: "the additions are known wherever work is scheduled",
        file: "mlx/scheduler.h",
        times: 1,
        anchor: r#"
#include "mlx/utils.h"
"#,
        replacement: r#"
#include "mlx/rmlx.h"
#include "mlx/utils.h"
"#,
    },
    Edit {
        what: "waiting for room in the queue can be interrupted, with no lock held",
        file: "mlx/scheduler.h",
        times: 1,
        anchor: r"
      completion_cv.wait(lk, [this, n_tasks_old] {
        return this->n_active_tasks() < n_tasks_old;
      });
",
        replacement: r"
      auto fewer = [this, n_tasks_old] { return this->n_active_tasks() < n_tasks_old; };
      while (!completion_cv.wait_for(lk, std::chrono::milliseconds(50), fewer)) {
        lk.unlock();
        rmlx::check_interrupt();
        lk.lock();
      }
",
    },
    Edit {
        what: "evaluation looks for an interrupt, and for room in the queue, before each operation, and computes small ones itself",
        file: "mlx/transforms.cpp",
        times: 1,
        anchor: r"
    while (!tape.empty()) {
      auto arr = std::move(tape.back());
",
        replacement: r"
    while (!tape.empty()) {
      rmlx::make_room();
      auto arr = std::move(tape.back());
      rmlx::WaitedFor small(is_waited_for && rmlx::is_small(arr));
",
    },
    Edit {
        what: "an interrupted evaluation does not wait for queued CPU work: its events are signalled in stream order",
        file: "mlx/transforms.cpp",
        times: 1,
        anchor: r"
    for (auto& s : open_streams) {
      try {
        synchronize(s);
",
        replacement: r"
    for (auto& s : open_streams) {
      try {
        if (rmlx::interrupted && s.device == Device::cpu) {
          continue;
        }
        synchronize(s);
",
    },
    Edit {
        what: "queued CPU operations are counted",
        file: "mlx/backend/cpu/eval.cpp",
        times: 1,
        anchor: r"
                    temps = std::move(encoder.temporaries())]() {});
",
        replacement: r"
                    temps = std::move(encoder.temporaries())]() { --rmlx::queued; });
  ++rmlx::queued;
",
    },
    Edit {
        what: "a stream knows whether it computes",
        file: "mlx/scheduler.cpp",
        times: 1,
        anchor: r"
  bool stop;
  std::thread thread;
",
        replacement: r"
  bool stop;
  bool busy{false};
  std::thread thread;
",
    },
    Edit {
        what: "its thread computes when nobody else does",
        file: "mlx/scheduler.cpp",
        times: 1,
        anchor: r"
        cond.wait(lk, [this] { return !this->q.empty() || this->stop; });
        if (q.empty() && stop) {
          return;
        }
        task = std::move(q.front());
        q.pop();
      }

      task();
",
        replacement: r"
        cond.wait(lk, [this] { return !this->busy && (!this->q.empty() || this->stop); });
        if (q.empty() && stop) {
          return;
        }
        task = std::move(q.front());
        q.pop();
        busy = true;
      }

      task();
      task = nullptr;
      std::lock_guard<std::mutex> lk(mtx);
      busy = false;
",
    },
    Edit {
        what: "a stream that is idle can compute on the thread that waits for it: its declaration",
        file: "mlx/scheduler.h",
        times: 1,
        anchor: r"
  void enqueue(Stream s, std::function<void()> task);
",
        replacement: r"
  void enqueue(Stream s, std::function<void()> task);
  bool run_here(Stream s, void (*call)(void*), void* task);
",
    },
    Edit {
        what: "a stream that is idle can compute on the thread that waits for it: how to call that",
        file: "mlx/scheduler.h",
        times: 1,
        anchor: r"
// Like enqueue but the task is used for processing the passed event.
",
        replacement: r"
// Runs the task at once if its result is waited for and the stream has nothing else to do.
template <typename F>
inline bool run_here(Stream s, F& task) {
  return rmlx::waited_for && scheduler().run_here(s, [](void* task) { (*static_cast<F*>(task))(); }, &task);
}

// Like enqueue but the task is used for processing the passed event.
",
    },
    Edit {
        what: "a stream that is idle can compute on the thread that waits for it",
        file: "mlx/scheduler.cpp",
        times: 1,
        anchor: r"
void Scheduler::enqueue(Stream s, std::function<void()> task) {
  auto& st = get_thread(s);
",
        replacement: r"
bool Scheduler::run_here(Stream s, void (*call)(void*), void* task) {
  auto& st = get_thread(s);
  if (is_main_thread()) {
    st.error.check();
  }
  {
    std::lock_guard<std::mutex> lk(st.mtx);
    if (st.stop || st.busy || !st.q.empty()) return false;
    st.busy = true;
  }
  try {
    call(task);
  } catch (const std::exception& error) {
    if (!st.error.valid()) {
      st.error.set_message(std::make_shared<std::string>(error.what()));
    }
  }
  {
    std::lock_guard<std::mutex> lk(st.mtx);
    st.busy = false;
    if (st.q.empty()) return true;
  }
  st.cond.notify_one();
  return true;
}

void Scheduler::enqueue(Stream s, std::function<void()> task) {
  auto& st = get_thread(s);
",
    },
    Edit {
        what: "events of a stream that is idle are signalled at once",
        file: "mlx/scheduler.cpp",
        times: 1,
        anchor: r"
  auto& st = get_thread(s);
  st.enqueue([&st, event = std::move(event), task = std::move(task)]() mutable {
    // Poison the signal event if current stream has error.
    if (st.error.valid()) {
      event.set_error(st.error);
    }
    task(event);
  });
",
        replacement: r"
  auto& st = get_thread(s);
  auto signal = [&st, event = std::move(event), task = std::move(task)]() mutable {
    // Poison the signal event if current stream has error.
    if (st.error.valid()) {
      event.set_error(st.error);
    }
    task(event);
  };
  if (!scheduler::run_here(s, signal)) {
    st.enqueue(std::move(signal));
  }
",
    },
    Edit {
        what: "operations are computed at once where they can be",
        file: "mlx/backend/cpu/encoder.h",
        times: 1,
        anchor: r"
    num_ops_ = (num_ops_ + 1) % DISPATCHES_PER_TASK;
    auto task = std::bind(std::forward<F>(f), std::forward<Args>(args)...);
",
        replacement: r"
    auto task = std::bind(std::forward<F>(f), std::forward<Args>(args)...);
    if (scheduler::run_here(stream_, task)) return;
    num_ops_ = (num_ops_ + 1) % DISPATCHES_PER_TASK;
",
    },
    Edit {
        what: "what an operation that is done has used needs not be kept",
        file: "mlx/backend/cpu/eval.cpp",
        times: 1,
        anchor: r"
  std::unordered_set<std::shared_ptr<array::Data>> buffers;
",
        replacement: r"
  auto drop = [&] { cpu::get_command_encoder(s).temporaries().clear(); };
  if (scheduler::run_here(s, drop)) return;
  std::unordered_set<std::shared_ptr<array::Data>> buffers;
",
    },
    Edit {
        what: "evaluation tells whether its caller waits for it, and keeps to one stream",
        file: "mlx/transforms.cpp",
        times: 1,
        anchor: r"
  std::set<Stream> open_streams;
  try {
",
        replacement: r"
  const bool is_waited_for = (!async || rmlx::waited_for) && needs_fence.empty();
  rmlx::WaitedFor waited_for(is_waited_for);
  std::set<Stream> open_streams;
  try {
",
    },
    Edit {
        what: "differentiating a long chain does not overflow the stack",
        file: "mlx/transforms.cpp",
        times: 2,
        anchor: r"
  for (auto out : outputs) {
    recurse(out);
  }
",
        replacement: r"
  rmlx::inputs_first(outputs, [&](auto id) { return cache.count(id) > 0; }, [&](array& a) { recurse(a); });
",
    },
    Edit {
        what: "vectorising a long chain does not overflow the stack",
        file: "mlx/transforms.cpp",
        times: 1,
        anchor: r"
  for (auto& out : s_outputs) {
    if (out.has_primitive()) {
      recurse(out);
    }
  }
",
        replacement: r"
  rmlx::inputs_first(s_outputs, [&](auto id) { return cache.count(id) > 0; }, [&](array& a) {
    if (a.has_primitive()) recurse(a);
  });
",
    },
    Edit {
        what: "a derivative knows whether it is taken inside another transform",
        file: "mlx/transforms.cpp",
        times: 2,
        anchor: r"
  // Set the global tracing flag.
  detail::InTracing in_tracing{false, true};
",
        replacement: r"
  const bool nested = detail::in_tracing();
  detail::InTracing in_tracing{false, true};
",
    },
    Edit {
        what: "arguments of an inner derivative stay part of the outer transform's graph",
        file: "mlx/transforms.cpp",
        times: 2,
        anchor: r"
    primal.set_tracer(false);
",
        replacement: r"
    primal.set_tracer(nested);
",
    },
    Edit {
        what:
            "what an inner derivative uses stays part of the outer transform's graph, also when it is evaluated there",
        file: "mlx/transforms.cpp",
        times: 2,
        anchor: r"
    a.set_tracer(false);
    for (auto& s : a.siblings()) {
      s.set_tracer(false);
",
        replacement: r"
    a.set_tracer(nested && a.is_tracer());
    for (auto& s : a.siblings()) {
      s.set_tracer(nested && s.is_tracer());
",
    },
    Edit {
        what: "compiling a long chain does not overflow the stack",
        file: "mlx/compile.cpp",
        times: 1,
        anchor: r"
    for (auto& a : outputs) {
      recurse(a);
    }
",
        replacement: r"
    rmlx::inputs_first(outputs, [&](auto id) { return cache.count(id) > 0; }, [&](array& a) { recurse(a); });
",
    },
    Edit {
        what: "the additions are known where functions are compiled",
        file: "mlx/compile.cpp",
        times: 1,
        anchor: r#"
#include "mlx/compile.h"
"#,
        replacement: r#"
#include "mlx/compile.h"
#include "mlx/rmlx.h"
"#,
    },
    Edit {
        what: "the source of a fused kernel is made when it is asked for",
        file: "mlx/backend/cpu/compiled.cpp",
        times: 1,
        anchor: r"
  auto fn_ptr = compile(kernel_name, [&, contiguous = contiguous]() {
",
        replacement: r"
  auto source = [&, contiguous = contiguous]() {
",
    },
    Edit {
        what: "operations whose fused kernel cannot be built run one by one",
        file: "mlx/backend/cpu/compiled.cpp",
        times: 1,
        anchor: r"
    return kernel.str();
  });
",
        replacement: r"
    return kernel.str();
  };
  void* fn_ptr = rmlx::try_kernel(kernel_name, [&] { return compile(kernel_name, source); });
  if (!fn_ptr) {
    encoder.add_temporaries(rmlx::run_unfused(inputs_, outputs_, tape_, inputs, outputs));
    return;
  }
",
    },
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
        what: "operations over columns know the additions",
        file: "mlx/backend/cpu/binary.h",
        times: 1,
        anchor: r#"
#include "mlx/backend/cpu/simd/simd.h"
"#,
        replacement: r#"
#include "mlx/backend/cpu/simd/simd.h"
#include "mlx/layout.h"
"#,
    },
    Edit {
        what: "the result of two arrays lies column by column if they do",
        file: "mlx/backend/cpu/binary.h",
        times: 4,
        anchor: r"
  set_binary_op_output_data(a, b, out, bopt);
",
        replacement: r"
  if (bopt != BinaryOpType::General || !rmlx::fill_by_columns({a, b}, out)) {
    set_binary_op_output_data(a, b, out, bopt);
  }
",
    },
    Edit {
        what: "columns of two arrays are gone through one after the other",
        file: "mlx/backend/cpu/binary.h",
        times: 1,
        anchor: r"
  auto [new_shape, new_strides] = collapse_contiguous_dims(
      a.shape(), {a.strides(), b.strides(), out.strides()});
",
        replacement: r"
  auto [new_shape, new_strides] = rmlx::collapse(out, {a.strides(), b.strides(), out.strides()});
",
    },
    Edit {
        what: "a choice lies column by column if what is chosen from does",
        file: "mlx/backend/cpu/select.cpp",
        times: 1,
        anchor: r"
  set_ternary_op_output_data(a, b, c, out, topt);
",
        replacement: r"
  if (topt != TernaryOpType::General || !rmlx::fill_by_columns({a, b, c}, out)) {
    set_ternary_op_output_data(a, b, c, out, topt);
  }
",
    },
    Edit {
        what: "columns are chosen one after the other",
        file: "mlx/backend/cpu/ternary.h",
        times: 1,
        anchor: r"
    auto [shape, strides] = collapse_contiguous_dims(
        a.shape(), {a.strides(), b.strides(), c.strides(), out.strides()});
",
        replacement: r"
    auto [shape, strides] = rmlx::collapse(out, {a.strides(), b.strides(), c.strides(), out.strides()});
",
    },
    Edit {
        what: "a fused kernel goes through columns one after the other",
        file: "mlx/backend/cpu/compiled.cpp",
        times: 1,
        anchor: r"
      compiled_collapse_contiguous_dims(inputs, outputs[0], is_constant_);
",
        replacement: r"
      compiled_collapse_contiguous_dims(inputs, outputs[0], is_constant_);
  const bool by_columns = !contiguous && rmlx::prefers_columns(inputs, outputs[0]);
  if (by_columns) {
    std::tie(contiguous, negative_strides, shape, strides) = compiled_collapse_contiguous_dims(
        rmlx::reversed(inputs, outputs[0].ndim()), rmlx::reversed(outputs[0], outputs[0].ndim()), is_constant_);
  }
",
    },
    Edit {
        what: "its results lie column by column then",
        file: "mlx/backend/cpu/compiled.cpp",
        times: 1,
        anchor: r"
  compiled_allocate_outputs(inputs, outputs, is_constant_, contiguous);
",
        replacement: r"
  if (by_columns) {
    for (auto& x : outputs) rmlx::fill_by_columns(x);
  } else {
    compiled_allocate_outputs(inputs, outputs, is_constant_, contiguous);
  }
",
    },
    half_product!("mlx/backend/cpu/gemms/simd_fp16.cpp", "float16_t"),
    half_product!("mlx/backend/cpu/gemms/simd_bf16.cpp", "bfloat16_t"),
    half_header!("mlx/backend/cpu/gemms/simd_fp16.cpp"),
    half_header!("mlx/backend/cpu/gemms/simd_bf16.cpp"),
    Edit {
        what: "products of single precision with a vector are computed as such",
        file: "mlx/backend/cpu/gemms/cblas.cpp",
        times: 1,
        anchor: "    cblas_sgemm(\n",
        replacement: "    rmlx::gemm(\n",
    },
    Edit {
        what: "products of double precision too",
        file: "mlx/backend/cpu/gemms/cblas.cpp",
        times: 1,
        anchor: "    cblas_dgemm(\n",
        replacement: "    rmlx::gemm(\n",
    },
    Edit {
        what: "they know the additions",
        file: "mlx/backend/cpu/gemms/cblas.cpp",
        times: 1,
        anchor: "#include \"mlx/backend/cpu/lapack.h\"\n",
        replacement: "#include \"mlx/backend/cpu/lapack.h\"\n#include \"mlx/products.h\"\n",
    },
    Edit {
        what: "parts of matrices are multiplied where they lie",
        file: "mlx/backend/cpu/matmul.cpp",
        times: 1,
        anchor: r"
    if (stx == arr.shape(-1) && sty == 1) {
      return std::make_tuple(false, stx, arr);
    } else if (stx == 1 && sty == arr.shape(-2)) {
      return std::make_tuple(true, sty, arr);
    } else {
",
        replacement: r"
    const bool any_step = arr.dtype() == float32 || arr.dtype() == float64;
    if (sty == 1 && (any_step ? stx >= arr.shape(-1) : stx == arr.shape(-1))) {
      return std::make_tuple(false, stx, arr);
    } else if (stx == 1 && (any_step ? sty >= arr.shape(-2) : sty == arr.shape(-2))) {
      return std::make_tuple(true, sty, arr);
    } else {
",
    },
    Edit {
        what: "a matrix is transposed block by block",
        file: "mlx/backend/cpu/copy.cpp",
        times: 1,
        anchor: r"
  auto N = shape[axis];

  for (int i = 0; i < N; i++) {
",
        replacement: r"
  auto N = shape[axis];

  if constexpr (D == 2) {
    constexpr int block = 16;
    const int columns = shape[axis + 1];
    if (stride_src == 1 && o_strides[axis + 1] == 1 && N >= block && columns >= block) {
      const auto step = i_strides[axis + 1];
      for (int i = 0; i < N; i += block) {
        for (int j = 0; j < columns; j += block) {
          for (int k = i; k < std::min<int>(i + block, N); ++k) {
            for (int l = j; l < std::min(j + block, columns); ++l) {
              dst[k * stride_dst + l] = static_cast<DstT>(src[k + l * step]);
            }
          }
        }
      }
      return;
    }
  }
  for (int i = 0; i < N; i++) {
",
    },
    Edit {
        what: "fused kernels know the additions",
        file: "mlx/backend/cpu/compiled.cpp",
        times: 1,
        anchor: r#"
#include "mlx/graph_utils.h"
"#,
        replacement: r#"
#include "mlx/fused.h"
#include "mlx/graph_utils.h"
#include "mlx/layout.h"
"#,
    },
    Edit {
        what: "fused kernels use the vectors",
        file: "mlx/backend/cpu/compiled.cpp",
        times: 1,
        anchor: r#"
    kernel << "using namespace mlx::core::detail;" << std::endl;
"#,
        replacement: r#"
    kernel << "using namespace mlx::core::detail;" << std::endl;
    kernel << "using namespace mlx::core::simd;" << std::endl;
"#,
    },
    Edit {
        what: "a fused kernel over contiguous memory computes several numbers at once",
        file: "mlx/backend/cpu/compiled.cpp",
        times: 1,
        anchor: r#"
    os << "  for (size_t i = 0; i < size; ++i) {" << std::endl;
"#,
        replacement: r#"
    const bool begun = rmlx::WideLoop(os, namer, inputs, outputs, tape, is_constant, -1).write();
    os << "  for (" << (begun ? "" : "size_t i = 0") << "; i < size; ++i) {" << std::endl;
"#,
    },
    Edit {
        what: "a fused kernel over other memory computes several numbers at once along its innermost axis",
        file: "mlx/backend/cpu/compiled.cpp",
        times: 1,
        anchor: r#"
      os << "  for (int i" << d << " = 0; i" << d << " < shape[" << d
         << "]; ++i" << d << ") {" << std::endl;
"#,
        replacement: r#"
      const bool begun =
          d == ndim - 1 && rmlx::WideLoop(os, namer, inputs, outputs, tape, is_constant, d).write();
      os << "  for (";
      if (!begun) os << "int i" << d << " = 0";
      os << "; i" << d << " < shape[" << d << "]; ++i" << d << ") {" << std::endl;
"#,
    },
    Edit {
        what: "whole numbers wrap in fused kernels, and vectors may be reached through pointers of other types",
        file: "mlx/backend/cpu/jit_compiler.cpp",
        times: 1,
        anchor: "g++ -std=c++17 -O3 -Wall -fPIC -shared",
        replacement: "g++ -std=c++17 -O3 -w -fwrapv -fno-strict-aliasing -fPIC -shared",
    },
    Edit {
        what: "fused kernels have the vectors of the library",
        file: "mlx/backend/cpu/jit_compiler.cpp",
        times: 1,
        anchor: r#"
    extra_flags += "-mavx2 -mfma -mf16c";
"#,
        replacement: r#"
    extra_flags += "-mavx2 -mfma -mf16c";
#ifdef RMLX_WIDE
    extra_flags += " -DRMLX_WIDE";
#endif
"#,
    },
    Edit {
        what: "constants of fused kernels are floating-point numbers, and keep the sign of -0",
        file: "mlx/backend/common/compiled.h",
        times: 1,
        anchor: "  os << value << std::setprecision(old_precision);\n",
        replacement: "  os << std::showpoint << value << std::noshowpoint << std::setprecision(old_precision);\n",
    },
    Edit {
        what: "complex constants too",
        file: "mlx/backend/common/compiled.h",
        times: 1,
        anchor: "     << constant.real() << \", \" << constant.imag() << \")\"\n",
        replacement:
            "     << std::showpoint << constant.real() << \", \" << constant.imag() << \")\" << std::noshowpoint\n",
    },
    Edit {
        what: "constants of fused kernels keep all their digits",
        file: "mlx/backend/common/compiled.h",
        times: 2,
        anchor: "std::setprecision(std::numeric_limits<float>::digits10 + 1)",
        replacement: "std::setprecision(std::numeric_limits<float>::max_digits10)",
    },
    Edit {
        what: "constants of double precision too",
        file: "mlx/backend/common/compiled.h",
        times: 1,
        anchor: "std::setprecision(std::numeric_limits<double>::digits10 + 1)",
        replacement: "std::setprecision(std::numeric_limits<double>::max_digits10)",
    },
    polynomial!("exp", "in"),
    polynomial!("sin", "x"),
    polynomial!("cos", "x"),
    polynomial!("erf", "x"),
];

/// All that the edits change, for the key of the build cache.
pub fn fingerprint(hasher: &mut impl Hasher) {
    for (_, text) in ADDITIONS {
        text.hash(hasher);
    }
    for edit in EDITS {
        (edit.file, edit.anchor, edit.replacement).hash(hasher);
    }
}

/// Applies every edit to the copy of MLX in `root`.
pub fn apply(root: &Path) -> Result<()> {
    let write =
        |file: &Path, text: &str| fs::write(file, text).map_err(|e| format!("cannot write {}: {e}", file.display()));
    for (file, text) in ADDITIONS {
        write(&root.join(file), text)?;
    }
    for edit in EDITS {
        let file = root.join(edit.file);
        let text = read(&file)?;
        if text.matches(edit.anchor).count() != edit.times {
            return Err(format!(
                "MLX's {} has changed: the edit '{}' (src/rust/mlx/build/edits.rs) no longer fits",
                edit.file, edit.what
            ));
        }
        write(&file, &text.replace(edit.anchor, edit.replacement))?;
    }
    Ok(())
}
