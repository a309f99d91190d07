#include "triangle.h"

#include "rules.h"

#include <stdexcept>

#ifdef MLX_STATIC

#include <cstring>

#include "mlx/allocator.h"
#include "mlx/backend/cpu/encoder.h"
#include "mlx/backend/cpu/lapack.h"
#include "mlx/primitives.h"

namespace rmlx {

template <typename T>
static void solve_in_place(const T* a, T* b, int n, int k, bool upper) {
  auto triangle = upper ? CblasUpper : CblasLower;
  if constexpr (std::is_same_v<T, float>) {
    cblas_strsm(CblasRowMajor, CblasLeft, triangle, CblasNoTrans, CblasNonUnit, n, k, 1.0f, a, n, b, k);
  } else {
    cblas_dtrsm(CblasRowMajor, CblasLeft, triangle, CblasNoTrans, CblasNonUnit, n, k, 1.0, a, n, b, k);
  }
}

template <typename T>
static void solve_stack(const mx::array& a, const mx::array& b, mx::array& out, bool upper) {
  int n = a.shape(-1), k = b.shape(-1);
  std::memcpy(out.data<T>(), b.data<T>(), b.nbytes());
  for (size_t i = 0; i < a.size() / n / n; i++) {
    solve_in_place(a.data<T>() + i * n * n, out.data<T>() + i * n * k, n, k, upper);
  }
}

// MLX's own solve_triangular() multiplies by the inverse, which for one right-hand side is n times the work, and loses
// digits where the matrix is ill-conditioned.
class TriangularSolve : public mx::Primitive {
 public:
  TriangularSolve(mx::Stream stream, bool upper) : Primitive(stream), upper_(upper) {}

  void eval_cpu(const Arrays& inputs, Arrays& outputs) override {
    auto& out = outputs[0];
    out.set_data(mx::allocator::malloc(out.nbytes()));
    auto& encoder = mx::cpu::get_command_encoder(stream());
    encoder.set_input_array(inputs[0]);
    encoder.set_input_array(inputs[1]);
    encoder.set_output_array(out);
    encoder.dispatch([a = mx::array::unsafe_weak_copy(inputs[0]), b = mx::array::unsafe_weak_copy(inputs[1]),
                      out = mx::array::unsafe_weak_copy(out), upper = upper_]() mutable {
      out.dtype() == mx::float64 ? solve_stack<double>(a, b, out, upper) : solve_stack<float>(a, b, out, upper);
    });
  }

  void eval_gpu(const Arrays&, Arrays&) override { throw std::runtime_error("a triangular system is solved on the CPU"); }

  const char* name() const override { return "TriangularSolve"; }

  bool is_equivalent(const mx::Primitive& other) const override {
    return upper_ == static_cast<const TriangularSolve&>(other).upper_;
  }

  // BLAS takes stacks one matrix after the other.
  std::pair<Arrays, std::vector<int>> vmap(const Arrays& inputs, const std::vector<int>& axes) override;

  std::vector<mx::Shape> output_shapes(const Arrays& inputs) override { return {inputs[1].shape()}; }

 private:
  bool upper_;
};

static mx::array solved(const mx::array& a, const mx::array& b, bool upper) {
  auto place = mx::default_stream(mx::Device::cpu);
  // BLAS wants the rows one after the other
  Arrays inputs{mx::contiguous(a, false, place), mx::contiguous(b, false, place)};
  return mx::array(b.shape(), b.dtype(), std::make_shared<TriangularSolve>(place, upper), std::move(inputs));
}

std::pair<Arrays, std::vector<int>> TriangularSolve::vmap(const Arrays& inputs, const std::vector<int>& axes) {
  auto stacks = on_first_axis(inputs, axes);
  return {{solved(stacks[0], stacks[1], upper_)}, {0}};
}

} // namespace rmlx

#else

namespace rmlx {

// A library of MLX that was built elsewhere brings no BLAS for us.
static mx::array solved(const mx::array& a, const mx::array& b, bool upper) {
  return mx::linalg::solve_triangular(a, b, upper, mx::Device::cpu);
}

} // namespace rmlx

#endif

namespace rmlx {

// BLAS believes the sides that it is told.
static void check_system(const mx::array& a, const mx::array& b) {
  bool good = a.ndim() >= 2 && a.ndim() == b.ndim() && a.shape(-1) == a.shape(-2);
  for (int i = 0; good && i < static_cast<int>(a.ndim()) - 1; i++) good = a.shape(i) == b.shape(i);
  if (!good) throw std::invalid_argument("[triangular_solve] a must be a square matrix, and b have as many rows: the shape");
}

// With x = solve(a, b) and the cotangent g of x, that of b is h = solve(t(a), g), and that of a the triangle of -h x'.
mx::array triangular_solve(const mx::array& a, const mx::array& b, bool upper) {
  check_system(a, b);
  if (b.size() == 0) return b;
  auto forward = [upper](const Arrays& in) { return Arrays{solved(in[0], in[1], upper)}; };
  auto vjp = [upper](const Arrays& in, const Arrays& g, const Arrays& out) {
    auto cpu = mx::Device::cpu;
    auto turned = [cpu](const mx::array& x) { return mx::swapaxes(x, -1, -2, cpu); };
    auto h = triangular_solve(turned(in[0]), g[0], !upper);
    auto d = mx::negative(mx::matmul(h, turned(out[0]), cpu), cpu);
    return Arrays{upper ? mx::triu(d, 0, cpu) : mx::tril(d, 0, cpu), h};
  };
  auto vmap = on_stacks([upper](const Arrays& in) { return Arrays{triangular_solve(in[0], in[1], upper)}; });
  return ruled({forward, vjp, vmap}, {a, b})[0];
}

} // namespace rmlx
