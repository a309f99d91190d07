#include "scan.h"

#include <limits>

#include "rules.h"

namespace rmlx {

namespace {

struct Along {
  int axis;
  bool reverse, inclusive;
  mx::Device place;

  Along stacked() const { return {axis + 1, reverse, inclusive, place}; }
  Along back() const { return {axis, !reverse, inclusive, place}; }
};

// Every element `by` places further, after ones.
mx::array moved(const mx::array& x, const Along& way, int by) {
  mx::Shape start(x.ndim(), 0), stop = x.shape();
  (way.reverse ? start[way.axis] : stop[way.axis]) += way.reverse ? by : -by;
  auto one = mx::array(1, x.dtype());
  mx::Shape before{way.reverse ? 0 : by}, after{way.reverse ? by : 0};
  return mx::pad(mx::slice(x, start, stop, way.place), {way.axis}, before, after, one, "constant", way.place);
}

// The product by products alone, over spans that double: MLX's derivative divides by the elements.
mx::array doubled(mx::array x, const Along& way) {
  if (!way.inclusive) x = moved(x, way, 1);
  for (int by = 1; by < x.shape(way.axis); by *= 2) x = mx::multiply(x, moved(x, way, by), way.place);
  return x;
}

mx::array product(const mx::array& x, const Along& way) {
  auto forward = [=](const Arrays& in) {
    return Arrays{mx::cumprod(in[0], way.axis, way.reverse, way.inclusive, way.place)};
  };
  auto vjp = [=](const Arrays& in, const Arrays& g, const Arrays&) {
    return mx::vjp([&](const Arrays& xs) { return Arrays{doubled(xs[0], way)}; }, in, g).second;
  };
  auto vmap = on_stacks([=](const Arrays& in) { return Arrays{product(in[0], way.stacked())}; });
  return ruled({forward, vjp, vmap}, {x})[0];
}

mx::array logsum(const mx::array& x, const Along& way) {
  return mx::logcumsumexp(x, way.axis, way.reverse, way.inclusive, way.place);
}

// The sum of w exp(a - b) over the positive w, with b taken at the end of each sum. Terms with exp(-Inf + Inf) count as 0:
// they belong to sums of nothing.
mx::array positive_part(const mx::array& w, const mx::array& a, const mx::array& b, const Along& way) {
  auto s = way.place;
  auto zero = mx::array(0, w.dtype());
  auto nothing = mx::array(-std::numeric_limits<double>::infinity(), w.dtype());
  auto kept = mx::logical_and(mx::greater(w, zero, s), mx::logical_not(mx::isposinf(a, s), s), s);
  auto total = logsum(mx::where(kept, mx::add(mx::log(w, s), a, s), nothing, s), way);
  return mx::where(mx::equal(total, nothing, s), zero, mx::exp(mx::subtract(total, b, s), s), s);
}

// The running sum of w_j exp(a_j - b_i). Its derivatives are sums of the same kind, the other way.
mx::array weighted(const mx::array& w, const mx::array& a, const mx::array& b, const Along& way) {
  auto s = way.place;
  auto forward = [=](const Arrays& in) {
    auto plus = positive_part(in[0], in[1], in[2], way);
    return Arrays{mx::subtract(plus, positive_part(mx::negative(in[0], s), in[1], in[2], way), s)};
  };
  auto vjp = [=](const Arrays& in, const Arrays& g, const Arrays& out) {
    auto back = weighted(g[0], mx::negative(in[2], s), mx::negative(in[1], s), way.back());
    return Arrays{back, mx::multiply(in[0], back, s), mx::negative(mx::multiply(g[0], out[0], s), s)};
  };
  auto vmap = on_stacks([=](const Arrays& in) { return Arrays{weighted(in[0], in[1], in[2], way.stacked())}; });
  return ruled({forward, vjp, vmap}, {w, a, b})[0];
}

mx::array logsum_with_rules(const mx::array& x, const Along& way) {
  auto s = way.place;
  auto forward = [=](const Arrays& in) { return Arrays{logsum(in[0], way)}; };
  auto vjp = [=](const Arrays& in, const Arrays& g, const Arrays& out) {
    return Arrays{weighted(g[0], mx::negative(out[0], s), mx::negative(in[0], s), way.back())};
  };
  auto vmap = on_stacks([=](const Arrays& in) { return Arrays{logsum_with_rules(in[0], way.stacked())}; });
  return ruled({forward, vjp, vmap}, {x})[0];
}

} // namespace

Made running_product(const Array& x, int32_t axis, bool reverse, bool inclusive, bool gpu) {
  return wrap(product(x, {axis, reverse, inclusive, device_of(gpu)}));
}

Made running_logsum(const Array& x, int32_t axis, bool reverse, bool inclusive, bool gpu) {
  return wrap(logsum_with_rules(x, {axis, reverse, inclusive, device_of(gpu)}));
}

} // namespace rmlx
