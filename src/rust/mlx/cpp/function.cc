#include "function.h"

#include <functional>
#include <string>
#include <unordered_map>

#include "mlx/fast.h"
#include "mlx/fft.h"
#include "mlx/linalg.h"
#include "mlx/random.h"

namespace rmlx {
namespace {

using mx::array;
using Axes = std::vector<int>;

[[noreturn]] void refuse(const std::string& why) {
  throw std::invalid_argument(why);
}

void require(bool good, const char* why) {
  if (!good) refuse(why);
}

// One operation of the file: its inputs, its state, and what it is said to give.
struct Step {
  const Arrays& x;
  Numbers numbers;
  Ends ends;
  mx::Shape shape;
  mx::Dtype dtype;
  mx::StreamOrDevice s;

  const array& in(size_t i) const { return x.at(i); }
  const array& a() const { return x.at(0); }
  const array& b() const { return x.at(1); }

  template <typename T>
  T field(size_t i) const {
    require(i < ends.size(), "too little state");
    auto from = numbers.begin() + (i == 0 ? 0 : ends[i - 1]);
    return T(from, numbers.begin() + ends[i]);
  }
  Axes ints(size_t i) const { return field<Axes>(i); }
  mx::Shape dims(size_t i) const { return field<mx::Shape>(i); }
  double number(size_t i) const { return field<std::vector<double>>(i).at(0); }
  int integer(size_t i) const { return static_cast<int>(number(i)); }
  float real(size_t i) const { return static_cast<float>(number(i)); }
  bool flag(size_t i) const { return number(i) != 0; }
  mx::Dtype type(size_t i) const { return dtype_of(static_cast<uint8_t>(number(i))); }
};

using Call = std::function<Arrays(const Step&)>;
using Unary = array (*)(const array&, mx::StreamOrDevice);
using Binary = array (*)(const array&, const array&, mx::StreamOrDevice);

void inputs(const Step& p, size_t least, size_t most) {
  require(p.x.size() >= least && p.x.size() <= most, "a wrong number of inputs");
}

Call unary(Unary f) {
  return [f](const Step& p) -> Arrays { inputs(p, 1, 1); return {f(p.a(), p.s)}; };
}

Call binary(Binary f) {
  return [f](const Step& p) -> Arrays { inputs(p, 2, 2); return {f(p.a(), p.b(), p.s)}; };
}

// One result, of a number of inputs in a range.
Call one(size_t least, size_t most, std::function<array(const Step&)> f) {
  return [=](const Step& p) -> Arrays { inputs(p, least, most); return {f(p)}; };
}


int axis_of(const array& x, int axis) {
  require(axis >= 0 && axis < static_cast<int>(x.ndim()), "an axis out of range");
  return axis;
}

template <typename T>
void all_at_least(const T& values, int least, const char* why) {
  for (int value : values) require(value >= least, why);
}

// MLX does not look whether an index lies inside the array. One that does not is moved to the nearest that does.
array bounded(const array& index, int side, int width, mx::StreamOrDevice s) {
  require(width <= side, "a part that is larger than the whole");
  require(side > width || side > 0 || index.size() == 0, "an index into nothing");
  auto i = mx::astype(index, mx::int32, s);
  i = mx::where(mx::less(i, array(0), s), mx::add(i, array(side), s), i, s);
  return mx::clip(i, array(0), array(std::max(side - width, 0)), s);
}

array reduce(const Step& p) {
  auto axes = p.ints(1);
  switch (p.integer(0)) {
    case 0: return mx::all(p.a(), axes, true, p.s);
    case 1: return mx::any(p.a(), axes, true, p.s);
    case 2: return mx::sum(p.a(), axes, true, p.s);
    case 3: return mx::prod(p.a(), axes, true, p.s);
    case 4: return mx::min(p.a(), axes, true, p.s);
    case 5: return mx::max(p.a(), axes, true, p.s);
  }
  refuse("an unknown reduction");
}

array scan(const Step& p) {
  int axis = axis_of(p.a(), p.integer(1));
  bool reverse = p.flag(2), inclusive = p.flag(3);
  switch (p.integer(0)) {
    case 0: return mx::cummax(p.a(), axis, reverse, inclusive, p.s);
    case 1: return mx::cummin(p.a(), axis, reverse, inclusive, p.s);
    case 2: return mx::cumsum(p.a(), axis, reverse, inclusive, p.s);
    case 3: return mx::cumprod(p.a(), axis, reverse, inclusive, p.s);
    case 4: return mx::logcumsumexp(p.a(), axis, reverse, inclusive, p.s);
  }
  refuse("an unknown scan");
}

array bitwise(const Step& p) {
  switch (p.integer(0)) {
    case 0: return mx::bitwise_and(p.a(), p.b(), p.s);
    case 1: return mx::bitwise_or(p.a(), p.b(), p.s);
    case 2: return mx::bitwise_xor(p.a(), p.b(), p.s);
    case 3: return mx::left_shift(p.a(), p.b(), p.s);
    case 4: return mx::right_shift(p.a(), p.b(), p.s);
  }
  refuse("an unknown bitwise operation");
}

array logarithm(const Step& p) {
  switch (p.integer(0)) {
    case 0: return mx::log2(p.a(), p.s);
    case 1: return mx::log10(p.a(), p.s);
    case 2: return mx::log(p.a(), p.s);
  }
  refuse("an unknown logarithm");
}

array equal(const Step& p) {
  auto same = mx::equal(p.a(), p.b(), p.s);
  if (!p.flag(0)) return same;
  auto nan = mx::logical_and(mx::isnan(p.a(), p.s), mx::isnan(p.b(), p.s), p.s);
  return mx::logical_or(same, nan, p.s);
}

array broadcast(const Step& p) {
  if (p.x.size() == 1) return mx::broadcast_to(p.a(), p.dims(0), p.s);
  return mx::broadcast_arrays(p.x, p.s).at(0);
}

array matmul_sum(const Step& p) {
  return mx::addmm(p.in(2), p.a(), p.b(), p.real(0), p.real(1), p.s);
}

array convolution(const Step& p) {
  auto strides = p.ints(0), low = p.ints(1), high = p.ints(2), kernel = p.ints(3), input = p.ints(4);
  size_t spatial = p.a().ndim() < 3 ? 0 : p.a().ndim() - 2;
  require(spatial > 0 && p.b().ndim() == spatial + 2, "a convolution of wrong ranks");
  for (auto* field : {&strides, &low, &high, &kernel, &input}) {
    require(field->size() == spatial, "a convolution with too many or too few numbers");
  }
  for (auto* field : {&strides, &kernel, &input}) all_at_least(*field, 1, "a step that is not positive");
  all_at_least(p.b().shape(), 1, "an empty kernel");
  require(p.integer(5) >= 1, "groups that are not positive");
  return mx::conv_general(
      p.a(), p.b(), strides, low, high, kernel, input, p.integer(5), p.flag(6), p.s);
}

array gather(const Step& p) {
  auto axes = p.ints(0);
  auto widths = p.dims(1);
  require(axes.size() + 1 == p.x.size() && widths.size() == p.a().ndim(), "a gather that does not fit its inputs");
  Arrays indices;
  for (size_t i = 0; i < axes.size(); ++i) {
    int axis = axis_of(p.a(), axes[i]);
    indices.push_back(bounded(p.in(i + 1), p.a().shape(axis), widths[axis], p.s));
  }
  return mx::gather(p.a(), indices, axes, widths, p.s);
}

array scatter(const Step& p) {
  auto axes = p.ints(1);
  require(axes.size() + 2 == p.x.size(), "a scatter that does not fit its inputs");
  const array& updates = p.x.back();
  require(updates.ndim() >= p.a().ndim(), "updates of too low a rank");
  int lead = static_cast<int>(updates.ndim() - p.a().ndim());
  for (int i = 0; i < static_cast<int>(p.a().ndim()); ++i) {
    require(updates.shape(lead + i) <= p.a().shape(i), "updates that are larger than the array");
  }
  Arrays indices;
  for (size_t i = 0; i < axes.size(); ++i) {
    int axis = axis_of(p.a(), axes[i]);
    indices.push_back(bounded(p.in(i + 1), p.a().shape(axis), updates.shape(lead + axis), p.s));
  }
  switch (p.integer(0)) {
    case 0: return mx::scatter_max(p.a(), indices, updates, axes, p.s);
    case 1: return mx::scatter_min(p.a(), indices, updates, axes, p.s);
    case 2: return mx::scatter_add(p.a(), indices, updates, axes, p.s);
    case 3: return mx::scatter_prod(p.a(), indices, updates, axes, p.s);
    case 4: return mx::scatter(p.a(), indices, updates, axes, p.s);
  }
  refuse("an unknown scatter");
}

array gather_axis(const Step& p) {
  int axis = axis_of(p.a(), p.integer(0));
  return mx::take_along_axis(p.a(), bounded(p.b(), p.a().shape(axis), 1, p.s), axis, p.s);
}

array scatter_axis(const Step& p) {
  int axis = axis_of(p.a(), p.integer(1));
  auto index = bounded(p.b(), p.a().shape(axis), 1, p.s);
  if (p.integer(0) == 0) return mx::scatter_add_axis(p.a(), index, p.in(2), axis, p.s);
  return mx::put_along_axis(p.a(), index, p.in(2), axis, p.s);
}

// A stop of -1 with a negative step means "before the first"; the public function would count it from the end.
std::array<mx::Shape, 3> slice_bounds(const Step& p, size_t first) {
  auto start = p.dims(first), stop = p.dims(first + 1), step = p.dims(first + 2);
  size_t n = p.a().ndim();
  require(start.size() == n && stop.size() == n && step.size() == n, "a slice of another rank");
  for (size_t i = 0; i < n; ++i) {
    require(step[i] != 0 && step[i] > INT32_MIN, "a step of zero");
    if (step[i] < 0 && stop[i] < 0) stop[i] = -p.a().shape(i) - 1;
  }
  return {start, stop, step};
}

array slice(const Step& p) {
  auto [start, stop, step] = slice_bounds(p, 0);
  return mx::slice(p.a(), start, stop, step, p.s);
}

array slice_update(const Step& p) {
  auto [start, stop, step] = slice_bounds(p, 1);
  switch (p.integer(0)) {
    case 0: return mx::slice_update_max(p.a(), p.b(), start, stop, step, p.s);
    case 1: return mx::slice_update_min(p.a(), p.b(), start, stop, step, p.s);
    case 2: return mx::slice_update_add(p.a(), p.b(), start, stop, step, p.s);
    case 3: return mx::slice_update_prod(p.a(), p.b(), start, stop, step, p.s);
    case 4: return mx::slice_update(p.a(), p.b(), start, stop, step, p.s);
  }
  refuse("an unknown update");
}

// Where a slice starts, moved so that it fits.
array bounded_start(const array& start, const Axes& axes, const array& x, const mx::Shape& widths, mx::StreamOrDevice s) {
  require(start.ndim() == 1 && start.size() == axes.size(), "a start that does not fit its axes");
  Axes room;
  for (size_t i = 0; i < axes.size(); ++i) {
    int axis = axis_of(x, axes[i]);
    require(widths[axis] <= x.shape(axis), "a part that is larger than the whole");
    room.push_back(x.shape(axis) - widths[axis]);
  }
  auto most = array(room.begin(), {static_cast<int>(room.size())}, mx::int32);
  return mx::clip(mx::astype(start, mx::int32, s), array(0), most, s);
}

array dynamic_slice(const Step& p) {
  auto axes = p.ints(0);
  auto widths = p.dims(1);
  require(widths.size() == p.a().ndim(), "a slice of another rank");
  all_at_least(widths, 0, "a negative side");
  return mx::slice(p.a(), bounded_start(p.b(), axes, p.a(), widths, p.s), axes, widths, p.s);
}

array dynamic_slice_update(const Step& p) {
  auto axes = p.ints(0);
  require(p.b().ndim() == p.a().ndim(), "an update of another rank");
  return mx::slice_update(p.a(), p.b(), bounded_start(p.in(2), axes, p.a(), p.b().shape(), p.s), axes, p.s);
}

array pad(const Step& p) {
  auto axes = p.ints(0);
  auto low = p.dims(1), high = p.dims(2);
  require(axes.size() == low.size() && axes.size() == high.size(), "a pad that does not fit its axes");
  all_at_least(low, 0, "a negative pad");
  all_at_least(high, 0, "a negative pad");
  for (int axis : axes) axis_of(p.a(), axis);
  return mx::pad(p.a(), axes, low, high, p.b(), "constant", p.s);
}

array fft(const Step& p) {
  auto axes = p.ints(0);
  bool inverse = p.flag(1), real = p.flag(2);
  mx::Shape n;
  for (int axis : axes) {
    axis_of(p.a(), axis);
    require(p.shape.size() == p.a().ndim(), "a transform of another rank");
    n.push_back(inverse && real ? p.shape[axis] : p.a().shape(axis));
  }
  all_at_least(n, 1, "a transform of nothing");
  auto norm = mx::fft::FFTNorm::Backward;
  if (inverse) return real ? mx::fft::irfftn(p.a(), n, axes, norm, p.s) : mx::fft::ifftn(p.a(), n, axes, norm, p.s);
  return real ? mx::fft::rfftn(p.a(), n, axes, norm, p.s) : mx::fft::fftn(p.a(), n, axes, norm, p.s);
}

Arrays split(const Step& p) {
  inputs(p, 1, 1);
  int axis = axis_of(p.a(), p.integer(1));
  auto at = p.dims(0);
  int before = 0;
  for (int cut : at) {
    require(cut >= before && cut <= p.a().shape(axis), "a split outside the array");
    before = cut;
  }
  return mx::split(p.a(), at, axis, p.s);
}

array attention(const Step& p) {
  bool causal = p.flag(1), sinks = p.flag(2);
  require(!p.flag(3), "attention that also gives its normaliser");
  size_t rest = p.x.size() - 3 - (sinks ? 1 : 0);
  require(p.x.size() >= (sinks ? 4u : 3u) && rest <= 1 && !(causal && rest == 1), "attention with unknown inputs");
  std::optional<array> mask, sink;
  if (rest == 1) mask = p.in(3);
  if (sinks) sink = p.x.back();
  return mx::fast::scaled_dot_product_attention(
      p.a(), p.b(), p.in(2), p.real(0), causal ? "causal" : "", mask, sink, false, p.s);
}

array rope(const Step& p) {
  int dims = p.integer(0);
  require(p.flag(4), "the reverse of a rotation");
  require(p.a().ndim() >= 3 && dims > 0 && dims % 2 == 0 && dims <= p.a().shape(-1), "a rotation of wrong sides");
  std::optional<float> base = p.real(2);
  std::optional<array> freqs;
  if (p.x.size() == 3) {
    base = std::nullopt;
    freqs = p.in(2);
  }
  return mx::fast::rope(p.a(), dims, p.flag(1), base, p.real(3), p.b(), freqs, p.s);
}

array inverse(const Step& p) {
  return p.flag(0) ? mx::linalg::tri_inv(p.a(), p.flag(1), p.s) : mx::linalg::inv(p.a(), p.s);
}

Arrays eigh(const Step& p) {
  inputs(p, 1, 1);
  std::string triangle(1, static_cast<char>(p.integer(0)));
  if (!p.flag(1)) return {mx::linalg::eigvalsh(p.a(), triangle, p.s)};
  auto [values, vectors] = mx::linalg::eigh(p.a(), triangle, p.s);
  return {values, vectors};
}

Arrays eig(const Step& p) {
  inputs(p, 1, 1);
  if (!p.flag(0)) return {mx::linalg::eigvals(p.a(), p.s)};
  auto [values, vectors] = mx::linalg::eig(p.a(), p.s);
  return {values, vectors};
}

Arrays qr(const Step& p) {
  inputs(p, 1, 1);
  auto [q, r] = mx::linalg::qr(p.a(), p.s);
  return {q, r};
}

// The name of a way to pack numbers, with a group size and bits that it has. MLX checks little of it.
std::string packing(int number, int group, int bits) {
  struct Format { const char* name; std::vector<int> groups, bits; };
  static const std::vector<Format> formats = {
      {"affine", {32, 64, 128}, {2, 3, 4, 5, 6, 8}}, {"mxfp4", {32}, {4}}, {"mxfp8", {32}, {8}}, {"nvfp4", {16}, {4}}};
  require(number >= 0 && number < static_cast<int>(formats.size()), "an unknown way to pack numbers");
  const auto& format = formats[number];
  auto among = [](const std::vector<int>& all, int one) { return std::find(all.begin(), all.end(), one) != all.end(); };
  require(among(format.groups, group) && among(format.bits, bits), "numbers packed in an unknown way");
  return format.name;
}

// A packed matrix among the inputs, with the state that says how it is packed: group size, bits, format.
struct Packed {
  array codes, scales;
  std::optional<array> biases;
  int group, bits;
  std::string mode;

  Packed(const Step& p, size_t first, size_t field)
      : codes(p.in(first)), scales(p.in(first + 1)), group(p.integer(field)), bits(p.integer(field + 1)) {
    int number = p.integer(field + 2);
    mode = packing(number, group, bits);
    if (number == 0) biases = p.in(first + 2);
    auto last = [](const array& x) { return static_cast<int64_t>(x.shape(-1)); };
    require(codes.ndim() >= 2 && codes.dtype() == mx::uint32 && codes.size() > 0, "codes of another kind");
    require(scales.ndim() == codes.ndim() && last(codes) * 32 == last(scales) * group * bits, "scales that do not fit");
    require(std::equal(scales.shape().begin(), scales.shape().end() - 1, codes.shape().begin()), "scales that do not fit");
    require(!biases || biases->shape() == scales.shape(), "biases that do not fit");
    require(number == 0 ? mx::issubdtype(scales.dtype(), mx::floating) && scales.dtype() != mx::float64
                        : scales.dtype() == mx::uint8, "scales of another kind");
  }
  size_t parts() const { return biases ? 3 : 2; }
};

void require_single(const array& x) {
  require(mx::issubdtype(x.dtype(), mx::floating) && x.dtype() != mx::float64, "numbers of another kind");
  require(x.size() > 0, "a product of nothing");
}

array quantized_matmul(const Step& p) {
  Packed w(p, 1, 0);
  inputs(p, 1 + w.parts(), 1 + w.parts());
  require_single(p.a());
  require(p.a().ndim() >= (w.codes.ndim() == 2 ? 1u : 3u), "too few axes");
  return mx::quantized_matmul(p.a(), w.codes, w.scales, w.biases, p.flag(3), w.group, w.bits, w.mode, p.s);
}

// The number of matrices along the leading axes.
int matrices(const array& x) {
  require(x.ndim() >= 2, "too few axes");
  size_t area = static_cast<size_t>(x.shape(-1)) * x.shape(-2);
  return static_cast<int>(std::min<size_t>(area == 0 ? 0 : x.size() / area, INT32_MAX));
}

array gather_qmm(const Step& p) {
  Packed w(p, 1, 0);
  size_t n = 1 + w.parts();
  inputs(p, n + 2, n + 2);
  require_single(p.a());
  auto index = [&](const array& i, const array& x) { return mx::astype(bounded(i, matrices(x), 1, p.s), mx::uint32, p.s); };
  return mx::gather_qmm(
      p.a(), w.codes, w.scales, w.biases, index(p.in(n), p.a()), index(p.in(n + 1), w.codes), p.flag(3), w.group, w.bits,
      w.mode, false, p.s);
}

Arrays quantize(const Step& p) {
  if (p.flag(3)) {
    Packed w(p, 0, 0);
    inputs(p, w.parts(), w.parts());
    return {mx::dequantize(w.codes, w.scales, w.biases, w.group, w.bits, w.mode, std::nullopt, p.dtype, p.s)};
  }
  inputs(p, 1, 1);
  require_single(p.a());
  require(p.a().size() % 32 == 0, "numbers that do not fill words");
  auto mode = packing(p.integer(2), p.integer(0), p.integer(1));
  return mx::quantize(p.a(), p.integer(0), p.integer(1), mode, std::nullopt, p.s);
}

array gather_mm(const Step& p) {
  auto index = [&](const array& i, const array& x) { return mx::astype(bounded(i, matrices(x), 1, p.s), mx::uint32, p.s); };
  return mx::gather_mm(p.a(), p.b(), index(p.in(2), p.a()), index(p.in(3), p.b()), false, p.s);
}

// MLX writes a scalar for a weight or bias that is not there.
std::optional<array> given(const array& x) {
  return x.ndim() == 0 ? std::nullopt : std::optional<array>(x);
}

#define UNARY(name, f) {#name, unary([](const array& a, mx::StreamOrDevice s) { return mx::f(a, s); })}
#define BINARY(name, f) \
  {#name, binary([](const array& a, const array& b, mx::StreamOrDevice s) { return mx::f(a, b, s); })}
#define ONE(name, least, most, value) {#name, one(least, most, [](const Step& p) -> array { return value; })}

const std::unordered_map<std::string, Call>& calls() {
  static const std::unordered_map<std::string, Call> table = {
      UNARY(ArcCos, arccos), UNARY(ArcCosh, arccosh), UNARY(ArcSin, arcsin),
      UNARY(ArcSinh, arcsinh), UNARY(ArcTan, arctan), UNARY(ArcTanh, arctanh), UNARY(Ceil, ceil),
      UNARY(Conjugate, conjugate), UNARY(Copy, copy), UNARY(Cos, cos), UNARY(Cosh, cosh), UNARY(Erf, erf),
      UNARY(ErfInv, erfinv), UNARY(Exp, exp), UNARY(Expm1, expm1), UNARY(Floor, floor), UNARY(Imag, imag),
      UNARY(Log1p, log1p), UNARY(LogicalNot, logical_not), UNARY(Negative, negative), UNARY(Real, real),
      UNARY(Round, round), UNARY(Sigmoid, sigmoid), UNARY(Sign, sign), UNARY(Sin, sin), UNARY(Sinh, sinh),
      UNARY(Square, square), UNARY(StopGradient, stop_gradient), UNARY(Tan, tan), UNARY(Tanh, tanh),
      BINARY(Add, add), BINARY(ArcTan2, arctan2), BINARY(Divide, divide), BINARY(Greater, greater),
      BINARY(GreaterEqual, greater_equal), BINARY(Less, less), BINARY(LessEqual, less_equal),
      BINARY(LogAddExp, logaddexp), BINARY(LogicalAnd, logical_and), BINARY(LogicalOr, logical_or),
      BINARY(Matmul, matmul), BINARY(Maximum, maximum), BINARY(Minimum, minimum), BINARY(Multiply, multiply),
      BINARY(NotEqual, not_equal), BINARY(Power, power), BINARY(Remainder, remainder), BINARY(Subtract, subtract),
      // of complex numbers, a complex number
      ONE(Abs, 1, 1, mx::astype(mx::abs(p.a(), p.s), p.a().dtype(), p.s)),
      ONE(AddMM, 3, 3, matmul_sum(p)),
      ONE(Arange, 0, 0, mx::arange(p.number(0), p.number(1), p.number(2), p.dtype, p.s)),
      ONE(ArgPartition, 1, 1, mx::argpartition(p.a(), p.integer(0), axis_of(p.a(), p.integer(1)), p.s)),
      ONE(ArgReduce, 1, 1, p.integer(0) == 0 ? mx::argmin(p.a(), axis_of(p.a(), p.integer(1)), true, p.s)
                                             : mx::argmax(p.a(), axis_of(p.a(), p.integer(1)), true, p.s)),
      ONE(ArgSort, 1, 1, mx::argsort(p.a(), axis_of(p.a(), p.integer(0)), p.s)),
      ONE(AsType, 1, 1, mx::astype(p.a(), p.type(0), p.s)),
      ONE(BitwiseBinary, 2, 2, bitwise(p)),
      ONE(Broadcast, 1, SIZE_MAX, broadcast(p)),
      ONE(BroadcastAxes, 1, SIZE_MAX, mx::broadcast_to(p.a(), p.shape, p.s)),
      ONE(Cholesky, 1, 1, mx::linalg::cholesky(p.a(), p.flag(0), p.s)),
      ONE(Concatenate, 1, SIZE_MAX, mx::concatenate(p.x, axis_of(p.a(), p.integer(0)), p.s)),
      ONE(Convolution, 2, 2, convolution(p)),
      ONE(DynamicSlice, 2, 2, dynamic_slice(p)),
      ONE(DynamicSliceUpdate, 3, 3, dynamic_slice_update(p)),
      ONE(Equal, 2, 2, equal(p)),
      ONE(ExpandDims, 1, 1, mx::expand_dims(p.a(), p.ints(0), p.s)),
      ONE(FFT, 1, 1, fft(p)),
      ONE(Flatten, 1, 1, mx::flatten(p.a(), axis_of(p.a(), p.integer(0)), axis_of(p.a(), p.integer(1)), p.s)),
      ONE(Full, 1, 1, mx::copy(p.a(), p.s)),
      ONE(Gather, 1, SIZE_MAX, gather(p)),
      ONE(GatherAxis, 2, 2, gather_axis(p)),
      ONE(GatherMM, 4, 4, gather_mm(p)),
      ONE(GatherQMM, 5, 6, gather_qmm(p)),
      ONE(Hadamard, 1, 1, mx::hadamard_transform(p.a(), p.real(0), p.s)),
      ONE(Inverse, 1, 1, inverse(p)),
      ONE(LayerNorm, 3, 3, mx::fast::layer_norm(p.a(), given(p.b()), given(p.in(2)), p.real(0), p.s)),
      ONE(Log, 1, 1, logarithm(p)),
      ONE(LogSumExp, 1, 1, mx::logsumexp(p.a(), Axes{-1}, true, p.s)),
      ONE(NumberOfElements, 1, 1, mx::number_of_elements(p.a(), p.ints(0), p.flag(1), p.type(2), p.s)),
      ONE(Pad, 2, 2, pad(p)),
      ONE(Partition, 1, 1, mx::partition(p.a(), p.integer(0), axis_of(p.a(), p.integer(1)), p.s)),
      ONE(QuantizedMatmul, 3, 4, quantized_matmul(p)),
      ONE(RMSNorm, 2, 2, mx::fast::rms_norm(p.a(), given(p.b()), p.real(0), p.s)),
      ONE(RandomBits, 1, 1, mx::random::bits(p.dims(0), p.integer(1), p.a(), p.s)),
      ONE(Reduce, 1, 1, reduce(p)),
      ONE(Reshape, 1, 1, mx::reshape(p.a(), p.dims(0), p.s)),
      ONE(RoPE, 2, 3, rope(p)),
      ONE(ScaledDotProductAttention, 3, 5, attention(p)),
      ONE(Scan, 1, 1, scan(p)),
      ONE(Scatter, 2, SIZE_MAX, scatter(p)),
      ONE(ScatterAxis, 3, 3, scatter_axis(p)),
      ONE(SearchSorted, 2, 2, mx::searchsorted(p.a(), p.b(), p.flag(0) ? "right" : "left", p.s)),
      ONE(Select, 3, 3, mx::where(p.a(), p.b(), p.in(2), p.s)),
      ONE(Slice, 1, 1, slice(p)),
      ONE(SliceUpdate, 2, 2, slice_update(p)),
      ONE(Softmax, 1, 1, mx::softmax(p.a(), Axes{-1}, p.flag(0), p.s)),
      ONE(Sort, 1, 1, mx::sort(p.a(), axis_of(p.a(), p.integer(0)), p.s)),
      ONE(Sqrt, 1, 1, p.flag(0) ? mx::rsqrt(p.a(), p.s) : mx::sqrt(p.a(), p.s)),
      ONE(Squeeze, 1, 1, mx::squeeze(p.a(), p.ints(0), p.s)),
      ONE(Transpose, 1, 1, mx::transpose(p.a(), p.ints(0), p.s)),
      ONE(Unflatten, 1, 1, mx::unflatten(p.a(), axis_of(p.a(), p.integer(0)), p.dims(1), p.s)),
      ONE(View, 1, 1, mx::view(p.a(), p.type(0), p.s)),
      {"DivMod", [](const Step& p) -> Arrays { inputs(p, 2, 2); return mx::divmod(p.a(), p.b(), p.s); }},
      {"Eig", eig},
      {"Eigh", eigh},
      {"QRF", qr},
      {"Quantize", quantize},
      {"SVD", [](const Step& p) -> Arrays { inputs(p, 1, 1); return mx::linalg::svd(p.a(), p.flag(0), p.s); }},
      {"Split", split},
  };
  return table;
}

} // namespace

std::unique_ptr<Arrays> apply_primitive(
    rust::Str name, const Arrays& x, Numbers numbers, Ends ends, Ints dims, uint8_t dtype, bool gpu) {
  auto call = calls().find(std::string(name));
  if (call == calls().end()) refuse("an unknown operation");
  Step step{x, numbers, ends, shape_of(dims), dtype_of(dtype), device_of(gpu)};
  return std::make_unique<Arrays>(call->second(step));
}

} // namespace rmlx
