#include "linalg.h"

#include <algorithm>
#include <limits>
#include <stdexcept>
#include <string>

#include "factors.h"
#include "rules.h"
#include "triangle.h"

namespace rmlx {

namespace la = mx::linalg;

static constexpr auto cpu = mx::Device::cpu;

static mx::array t(const mx::array& x) { return mx::swapaxes(x, -1, -2, cpu); }
static mx::array dot(const mx::array& x, const mx::array& y) { return mx::matmul(x, y, cpu); }
static mx::array plus(const mx::array& x, const mx::array& y) { return mx::add(x, y, cpu); }
static mx::array sub(const mx::array& x, const mx::array& y) { return mx::subtract(x, y, cpu); }
static mx::array mul(const mx::array& x, const mx::array& y) { return mx::multiply(x, y, cpu); }
static mx::array neg(const mx::array& x) { return mx::negative(x, cpu); }
static mx::array half(const mx::array& x) { return mul(mx::array(0.5, x.dtype()), x); }
static mx::array low(const mx::array& x, int k = 0) { return mx::tril(x, k, cpu); }
static mx::array as_row(const mx::array& x) { return mx::expand_dims(x, -2, cpu); }
static mx::array as_column(const mx::array& x) { return mx::expand_dims(x, -1, cpu); }

// The first rows and columns of matrices.
static mx::array corner(const mx::array& x, int rows, int columns) {
  auto stop = x.shape();
  stop[x.ndim() - 2] = rows;
  stop[x.ndim() - 1] = columns;
  return mx::slice(x, mx::Shape(x.ndim(), 0), stop, cpu);
}

// The columns from `start` on.
static mx::array columns_from(const mx::array& x, int start) {
  mx::Shape begin(x.ndim(), 0);
  begin.back() = start;
  return mx::slice(x, begin, x.shape(), cpu);
}

// x / gap, and 0 where both vanish: equal values do not matter as long as nothing tells their vectors apart.
static mx::array ratio(const mx::array& x, const mx::array& gap) {
  auto zero = mx::array(0, x.dtype());
  auto both = mx::logical_and(mx::equal(x, zero, cpu), mx::equal(gap, zero, cpu), cpu);
  return mx::divide(x, mx::where(both, mx::array(1, x.dtype()), gap, cpu), cpu);
}

// LAPACK gives up on what is not finite, SGEBAL by a call of xerbla(), which in R is R's own and jumps out of MLX's thread.
// Outside a trace the caller has looked; in one, such matrices become zeros, and their results NaN.
template <typename F>
static Arrays on_finite(const mx::array& a, F function) {
  if (!a.is_tracer()) return function(a);
  auto good = mx::all(mx::isfinite(a, cpu), std::vector<int>{-2, -1}, true, cpu);
  auto out = function(mx::where(good, a, mx::array(0, a.dtype()), cpu));
  for (auto& x : out) {
    auto nan = mx::array(std::numeric_limits<float>::quiet_NaN(), x.dtype());
    x = mx::where(x.ndim() == a.ndim() ? good : mx::squeeze(good, -1, cpu), x, nan, cpu);
  }
  return out;
}

static Arrays full_svd(const mx::array& a) {
  return on_finite(a, [](const mx::array& x) { return la::svd(x, true, cpu); });
}

static Arrays svd_values(const mx::array& a) {
  return on_finite(a, [](const mx::array& x) { return la::svd(x, false, cpu); });
}

static Arrays both(const std::pair<mx::array, mx::array>& pair) { return {pair.first, pair.second}; }

// What is not differentiable says so in the terms of R.
static Arrays without_gradient(const char* what, const mx::array& a, std::function<Arrays(const mx::array&)> function) {
  auto refuse = [what](const Arrays&, const Arrays&, const Arrays&) -> Arrays {
    throw std::invalid_argument(std::string(what) + " has no gradient.");
  };
  auto forward = [function](const Arrays& in) { return on_finite(in[0], function); };
  auto vmap = on_stacks([=](const Arrays& in) { return without_gradient(what, in[0], function); });
  return ruled({forward, refuse, vmap}, {a});
}

// d(inv(a)) = -inv(a) da inv(a); of a triangular matrix, only the triangle counts.
static mx::array inverse_of(const mx::array& a, bool triangular, bool upper) {
  auto forward = [=](const Arrays& in) {
    return Arrays{triangular ? la::tri_inv(in[0], upper, cpu) : la::inv(in[0], cpu)};
  };
  auto vjp = [=](const Arrays&, const Arrays& g, const Arrays& out) {
    auto x = t(out[0]);
    auto d = neg(dot(dot(x, g[0]), x));
    if (triangular) d = upper ? mx::triu(d, 0, cpu) : low(d);
    return Arrays{d};
  };
  auto vmap = on_stacks([=](const Arrays& in) { return Arrays{inverse_of(in[0], triangular, upper)}; });
  return ruled({forward, vjp, vmap}, {a})[0];
}

// The norm of inv(a) as one vector z shows it, |inv(a) z| / |z|, with z that LAPACK tries last (Higham 1988).
static mx::array reach(const mx::array& l, const mx::array& u) {
  int n = l.shape(-1);
  auto type = l.dtype();
  auto i = mx::arange(0, n, type, cpu);
  auto size = plus(mx::divide(i, mx::array(std::max(n - 1, 1), type), cpu), mx::array(1, type));
  auto odd = mx::remainder(i, mx::array(2, type), cpu);
  auto z = as_column(mx::where(mx::equal(odd, mx::array(0, type), cpu), size, neg(size), cpu));
  auto shape = l.shape();
  shape.back() = 1;
  z = mx::broadcast_to(z, shape, cpu);
  auto image = mx::abs(triangular_solve(u, triangular_solve(l, z, false), true), cpu);
  return mx::divide(mx::sum(image, -2, false, cpu), mx::sum(size, false, cpu), cpu);
}

// With x = solve(a, b) and the cotangent g of x, those of b and a are h = solve(t(a), g) and -h x' (Giles 2008,
// section 2.3.1). The second result tells how far inv(a) reaches. `b` is a matrix.
static Arrays solution_of(const mx::array& a, const mx::array& b) {
  auto forward = [](const Arrays& in) {
    auto factors = lu_factors(in[0]);
    auto order = as_column(mx::argsort(factors[0], -1, cpu));
    auto right = mx::take_along_axis(in[1], order, -2, cpu);
    auto x = triangular_solve(factors[2], triangular_solve(factors[1], right, false), true);
    return Arrays{x, reach(factors[1], factors[2])};
  };
  auto vjp = [](const Arrays& in, const Arrays& g, const Arrays& out) {
    auto h = solution_of(t(in[0]), g[0])[0];
    return Arrays{neg(dot(h, t(out[0]))), h};
  };
  auto vmap = on_stacks([](const Arrays& in) { return solution_of(in[0], in[1]); });
  return ruled({forward, vjp, vmap}, {a, b});
}

// Murray 2016, section 4. The derivative is that of a symmetric argument. The second result is the diagonal that LAPACK
// left: where it is not positive the matrix was not positive definite, and the factor is NaN.
static Arrays cholesky_of(const mx::array& a, bool upper) {
  auto forward = [upper](const Arrays& in) {
    auto factor = la::cholesky(in[0], upper, cpu);
    auto diagonal = mx::diagonal(factor, 0, -2, -1, cpu);
    auto good = mx::all(mx::greater(diagonal, mx::array(0, factor.dtype()), cpu), -1, true, cpu);
    auto nan = mx::array(std::numeric_limits<double>::quiet_NaN(), factor.dtype());
    return Arrays{mx::where(as_column(good), factor, nan, cpu), diagonal};
  };
  auto vjp = [upper](const Arrays&, const Arrays& g, const Arrays& out) {
    auto l = upper ? t(out[0]) : out[0];
    auto p = dot(t(l), upper ? t(g[0]) : g[0]);
    auto inverse = inverse_of(l, true, false);
    auto s = dot(dot(t(inverse), half(plus(low(p), low(p, -1)))), inverse);
    return Arrays{half(plus(s, t(s)))};
  };
  auto vmap = on_stacks([upper](const Arrays& in) { return cholesky_of(in[0], upper); });
  return ruled({forward, vjp, vmap}, {a});
}

// Of a matrix with at least as many rows as columns (Walter & Lehmann 2010).
static mx::array qr_cotangent(const mx::array& q, const mx::array& r, const mx::array& gq, const mx::array& gr) {
  auto m = sub(dot(r, t(gr)), dot(t(gq), q));
  auto symmetric = plus(low(m), t(low(m, -1)));
  return dot(plus(gq, dot(q, symmetric)), t(inverse_of(r, true, true)));
}

// A wide matrix is [x y] = q [r, q'y], so that only x is factored.
static Arrays qr_of(const mx::array& a) {
  auto forward = [](const Arrays& in) {
    return on_finite(in[0], [](const mx::array& x) { return qr_factors(x); });
  };
  auto vjp = [](const Arrays& in, const Arrays& g, const Arrays& out) {
    int k = out[0].shape(-1);
    if (in[0].shape(-1) == k) return Arrays{qr_cotangent(out[0], out[1], g[0], g[1])};
    auto rest = columns_from(g[1], k);
    auto gq = plus(g[0], dot(columns_from(in[0], k), t(rest)));
    auto left = qr_cotangent(out[0], corner(out[1], k, k), gq, corner(g[1], k, k));
    return Arrays{mx::concatenate({left, dot(out[0], rest)}, -1, cpu)};
  };
  auto vmap = on_stacks([](const Arrays& in) { return qr_of(in[0]); });
  return ruled({forward, vjp, vmap}, {a});
}

// The squares of singular values, followed by zeros up to n: those of the vectors that complete the basis.
static mx::array squares(const mx::array& s, int n) {
  auto shape = s.shape();
  shape.back() = n - shape.back();
  return mx::concatenate({mx::square(s, cpu), mx::zeros(shape, s.dtype(), cpu)}, -1, cpu);
}

static mx::array skew(const mx::array& x) { return sub(x, t(x)); }

// a = u diag(s) v'. With da seen in the bases, d = u' da v: du = u w with w antisymmetric, w_ij = (s_j d_ij + s_i d_ji) /
// (s_j^2 - s_i^2), and dv likewise; vectors beyond min(n, p) have s = 0 (Giles 2008, section 3.3, for full bases).
static Arrays svd_of(const mx::array& a) {
  if (a.dtype() == mx::complex64) return without_gradient("svd() of complex matrices", a, full_svd);
  auto forward = [](const Arrays& in) { return full_svd(in[0]); };
  auto vjp = [](const Arrays&, const Arrays& g, const Arrays& out) {
    auto u = out[0], s = out[1], v = t(out[2]);
    int n = u.shape(-1), p = v.shape(-1), k = s.shape(-1);
    auto u_gap = sub(as_row(mx::square(s, cpu)), as_column(squares(s, n)));
    auto v_gap = sub(as_row(squares(s, p)), as_column(mx::square(s, cpu)));
    auto of_u = ratio(mul(corner(skew(dot(t(u), g[0])), n, k), as_row(s)), u_gap);
    auto of_v = ratio(mul(corner(skew(dot(t(v), t(g[2]))), k, p), as_column(s)), v_gap);
    auto u_thin = corner(u, n, k), v_thin = corner(v, p, k);
    auto d = dot(plus(dot(u, of_u), mul(u_thin, as_row(g[1]))), t(v_thin));
    return Arrays{plus(d, dot(u_thin, dot(of_v, t(v))))};
  };
  auto vmap = on_stacks([](const Arrays& in) { return svd_of(in[0]); });
  return ruled({forward, vjp, vmap}, {a});
}

static mx::array singular_values_of(const mx::array& a) {
  if (a.dtype() == mx::complex64) return without_gradient("svd() of complex matrices", a, svd_values)[0];
  auto forward = [](const Arrays& in) { return svd_values(in[0]); };
  auto vjp = [](const Arrays& in, const Arrays& g, const Arrays&) {
    auto full = svd_of(in[0]);
    int k = full[1].shape(-1);
    auto u = corner(full[0], full[0].shape(-1), k);
    return Arrays{dot(mul(u, as_row(g[0])), corner(full[2], k, full[2].shape(-1)))};
  };
  auto vmap = on_stacks([](const Arrays& in) { return Arrays{singular_values_of(in[0])}; });
  return ruled({forward, vjp, vmap}, {a})[0];
}

static std::string triangle(bool upper) { return upper ? "U" : "L"; }

// a = v diag(w) v': dw is the diagonal of d = v' da v, and dv = v x with x_ij = d_ij / (w_j - w_i) (Giles 2008,
// section 3.1). The derivative is that of a symmetric argument.
static Arrays eigh_of(const mx::array& a, bool upper) {
  auto function = [upper](const mx::array& x) { return both(la::eigh(x, triangle(upper), cpu)); };
  if (a.dtype() == mx::complex64) return without_gradient("mlx_eigh() of complex matrices", a, function);
  auto forward = [function](const Arrays& in) { return on_finite(in[0], function); };
  auto vjp = [](const Arrays&, const Arrays& g, const Arrays& out) {
    auto w = out[0], v = out[1];
    auto one = mx::eye(w.shape(-1), w.dtype(), cpu);
    auto p = dot(t(v), g[1]);
    auto d = ratio(sub(p, mul(p, one)), sub(as_row(w), as_column(w)));
    d = dot(dot(v, plus(d, mul(one, as_row(g[0])))), t(v));
    return Arrays{half(plus(d, t(d)))};
  };
  auto vmap = on_stacks([upper](const Arrays& in) { return eigh_of(in[0], upper); });
  return ruled({forward, vjp, vmap}, {a});
}

static mx::array eigvalsh_of(const mx::array& a, bool upper) {
  auto function = [upper](const mx::array& x) { return Arrays{la::eigvalsh(x, triangle(upper), cpu)}; };
  if (a.dtype() == mx::complex64) return without_gradient("mlx_eigvalsh() of complex matrices", a, function)[0];
  auto forward = [function](const Arrays& in) { return on_finite(in[0], function); };
  auto vjp = [upper](const Arrays& in, const Arrays& g, const Arrays&) {
    auto v = eigh_of(in[0], upper)[1];
    return Arrays{dot(mul(v, as_row(g[0])), t(v))};
  };
  auto vmap = on_stacks([upper](const Arrays& in) { return Arrays{eigvalsh_of(in[0], upper)}; });
  return ruled({forward, vjp, vmap}, {a})[0];
}

// Golub & Pereyra 1973, theorem 4.3, for a matrix of locally constant rank.
static mx::array pinv_of(const mx::array& a) {
  auto forward = [](const Arrays& in) {
    return on_finite(in[0], [](const mx::array& x) { return Arrays{la::pinv(x, cpu)}; });
  };
  auto vjp = [](const Arrays& in, const Arrays& g, const Arrays& out) {
    auto a = in[0], x = out[0], gt = t(g[0]), xt = t(out[0]);
    auto left = sub(gt, dot(a, dot(x, gt)));   // (1 - a x) g'
    auto right = sub(gt, dot(dot(gt, x), a));  // g' (1 - x a)
    auto d = plus(dot(dot(left, x), xt), dot(xt, dot(x, right)));
    return Arrays{sub(d, dot(xt, dot(g[0], xt)))};
  };
  auto vmap = on_stacks([](const Arrays& in) { return Arrays{pinv_of(in[0])}; });
  return ruled({forward, vjp, vmap}, {a})[0];
}

static MadeAll wrap_all(Arrays xs) { return std::make_unique<Arrays>(std::move(xs)); }

MadeAll solve(const Array& a, const Array& b) {
  if (b.ndim() > 1) return wrap_all(solution_of(a, b));
  auto out = solution_of(a, as_column(b));
  out[0] = mx::squeeze(out[0], -1, cpu);
  return wrap_all(std::move(out));
}

Made solve_triangle(const Array& a, const Array& b, bool upper) { return wrap(triangular_solve(a, b, upper)); }

Made inverse(const Array& a, bool triangular, bool upper) { return wrap(inverse_of(a, triangular, upper)); }
Made pinv(const Array& a) { return wrap(pinv_of(a)); }
MadeAll cholesky(const Array& a, bool upper) { return wrap_all(cholesky_of(a, upper)); }
MadeAll qr(const Array& a) { return wrap_all(qr_of(a)); }

MadeAll lu(const Array& a) {
  return wrap_all(without_gradient("mlx_lu()", a, [](const mx::array& x) { return lu_factors(x); }));
}

MadeAll svd(const Array& a) {
  auto out = svd_of(a);
  out[2] = mx::conjugate(t(out[2]), cpu);
  return wrap_all(std::move(out));
}

Made singular_values(const Array& a) { return wrap(singular_values_of(a)); }
MadeAll eigh(const Array& a, bool upper) { return wrap_all(eigh_of(a, upper)); }
Made eigvalsh(const Array& a, bool upper) { return wrap(eigvalsh_of(a, upper)); }

// MLX 0.32 asks LAPACK for the left eigenvectors of the transpose, which are the conjugates, and turns only those of real
// matrices back.
MadeAll eig(const Array& a) {
  auto out = without_gradient("mlx_eig()", a, [](const mx::array& x) { return both(la::eig(x, cpu)); });
  if (a.dtype() == mx::complex64) out[1] = mx::conjugate(out[1], cpu);
  return wrap_all(std::move(out));
}

Made eigvals(const Array& a) {
  return wrap(without_gradient("mlx_eigvals()", a, [](const mx::array& x) { return Arrays{la::eigvals(x, cpu)}; })[0]);
}

// MLX splits on the default device, whatever device it is given.
Made cross(const Array& a, const Array& b, int32_t axis, bool gpu) {
  mx::StreamContext place(device_of(gpu));
  return wrap(la::cross(a, b, axis));
}

Made kron(const Array& a, const Array& b, bool gpu) {
  return wrap(mx::kron(a, b, device_of(gpu)));
}

} // namespace rmlx
