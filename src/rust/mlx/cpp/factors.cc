#include "factors.h"

#include <algorithm>
#include <stdexcept>

#include "rules.h"

#ifdef MLX_STATIC

#include "mlx/primitives.h"

namespace rmlx {

static constexpr auto cpu = mx::Device::cpu;

static Arrays factored_lu(const mx::array& a);
static Arrays factored_qr(const mx::array& a);

// LAPACK takes stacks one matrix after the other.
class Lu : public mx::LUF {
 public:
  using LUF::LUF;

  std::pair<Arrays, std::vector<int>> vmap(const Arrays& inputs, const std::vector<int>& axes) override {
    return {factored_lu(on_first_axis(inputs, axes)[0]), {0, 0, 0}};
  }
};

class Qr : public mx::QRF {
 public:
  using QRF::QRF;

  std::pair<Arrays, std::vector<int>> vmap(const Arrays& inputs, const std::vector<int>& axes) override {
    return {factored_qr(on_first_axis(inputs, axes)[0]), {0, 0}};
  }
};

// LAPACK believes what it is told.
static void check_matrices(const mx::array& a) {
  if (a.dtype() != mx::float32 && a.dtype() != mx::float64) {
    throw std::invalid_argument("[factors] Arrays must have type float32 or float64.");
  }
  if (a.ndim() < 2) throw std::invalid_argument("[factors] Arrays must have >= 2 dimensions: the shape");
}

static mx::Shape with_sides(const mx::array& a, std::initializer_list<int> sides) {
  mx::Shape shape(a.shape().begin(), a.shape().end() - 2);
  for (int side : sides) shape.push_back(side);
  return shape;
}

static Arrays factored_lu(const mx::array& a) {
  check_matrices(a);
  int n = a.shape(-2), k = std::min(n, a.shape(-1));
  return mx::array::make_arrays(
      {a.shape(), with_sides(a, {k}), with_sides(a, {n})},
      {a.dtype(), mx::uint32, mx::uint32},
      std::make_shared<Lu>(mx::default_stream(cpu)),
      {a});
}

static Arrays factored_qr(const mx::array& a) {
  check_matrices(a);
  int n = a.shape(-2), p = a.shape(-1), k = std::min(n, p);
  return mx::array::make_arrays(
      {with_sides(a, {n, k}), with_sides(a, {k, p})},
      {a.dtype(), a.dtype()},
      std::make_shared<Qr>(mx::default_stream(cpu)),
      {a});
}

Arrays lu_factors(const mx::array& a) {
  auto factors = factored_lu(a);
  int n = a.shape(-2), p = a.shape(-1), k = std::min(n, p);
  auto corner = [&](const mx::array& x, int rows, int columns) {
    return mx::slice(x, mx::Shape(x.ndim(), 0), with_sides(a, {rows, columns}), cpu);
  };
  auto lower = corner(mx::tril(factors[0], -1, cpu), n, k);
  auto upper = corner(mx::triu(factors[0], 0, cpu), k, p);
  return {factors[2], mx::add(lower, mx::eye(n, k, 0, a.dtype(), cpu), cpu), upper};
}

Arrays qr_factors(const mx::array& a) { return factored_qr(a); }

} // namespace rmlx

#else

namespace rmlx {

Arrays lu_factors(const mx::array& a) { return mx::linalg::lu(a, mx::Device::cpu); }

Arrays qr_factors(const mx::array& a) {
  auto [q, r] = mx::linalg::qr(a, mx::Device::cpu);
  return {q, r};
}

} // namespace rmlx

#endif
