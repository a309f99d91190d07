#include "recipe.h"

#include <stdexcept>
#include <string>
#include <unordered_map>
#include <unordered_set>

#include "mlx/primitives.h"

#include "transforms.h"

namespace rmlx {

Recipe::Recipe(const Arrays& xs, const Arrays& outputs) : inputs(xs), arguments(xs.size()), outputs_(apart(outputs)) {
  std::unordered_map<std::uintptr_t, bool> depends;
  for (auto& x : xs) depends[x.id()] = true;
  auto enter = [&](const Array& x) {
    if (depends.count(x.id())) return false;
    depends[x.id()] = false;
    for (auto& sibling : x.siblings()) depends[sibling.id()] = false;
    return true;
  };
  auto visit = [&](const Array& x) {
    bool inside = false;
    for (auto& input : x.inputs()) inside = inside || depends.at(input.id());
    if (!inside) return;
    for (auto& output : x.outputs()) depends[output.id()] = true;
    tape_.push_back(x);
  };
  inputs_first(outputs_, enter, visit);
  std::unordered_set<std::uintptr_t> known;
  for (auto& x : xs) known.insert(x.id());
  auto leaf = [&](const Array& x) {
    if (!depends.at(x.id()) && x.is_tracer() && known.insert(x.id()).second) inputs.push_back(x);
  };
  for (auto& node : tape_) {
    for (auto& input : node.inputs()) leaf(input);
  }
  for (auto& output : outputs_) leaf(output);
}

static std::string name_of(const Array& x) {
  return x.primitive().name();
}

[[noreturn]] static void refuse(const std::string& name) {
  throw std::invalid_argument("[recipe] The operation " + name + " does not take these shapes.");
}

static bool is_elementwise(const std::string& name) {
  static const std::unordered_set<std::string> names = {
      "Abs",      "Add",      "ArcCos",       "ArcCosh",   "ArcSin",     "ArcSinh",   "ArcTan",  "ArcTan2",  "ArcTanh",
      "AsType",   "Ceil",     "Copy",         "Cos",       "Cosh",       "Divide",    "Equal",   "Erf",      "ErfInv",
      "Exp",      "Expm1",    "Floor",        "Greater",   "GreaterEqual", "Less",    "LessEqual", "Log",    "Log10",
      "Log1p",    "Log2",     "LogAddExp",    "LogicalAnd", "LogicalNot", "LogicalOr", "Maximum", "Minimum",
      "Multiply", "NaNEqual", "Negative",     "NotEqual",  "Power",      "Remainder", "Round",   "Rsqrt",    "Select",
      "Sigmoid",  "Sign",     "Sin",          "Sinh",      "Softmax",    "Sqrt",      "Square",  "StopGradient",
      "Subtract", "Tan",      "Tanh"};
  return names.count(name) > 0;
}

// The shape of an operation's result. MLX's own rules believe that the operation fits.
static mx::Shape new_shape(const Array& node, const Arrays& xs) {
  auto name = name_of(node);
  for (auto& x : xs) {
    if (x.size() == 0) refuse(name);
  }
  if (is_elementwise(name)) {
    for (auto& x : xs) {
      if (x.shape() != xs[0].shape()) refuse(name);
    }
    return xs[0].shape();
  }
  static const std::unordered_set<std::string> known = {
      "Sum", "Prod", "Min", "Max", "And", "Or", "ExpandDims", "LogSumExp"};
  if (known.count(name)) return node.primitive().output_shapes(xs)[0];
  if (name == "NumberOfElements") return {};
  if (name == "Squeeze") {
    auto shape = node.primitive().output_shapes(xs)[0];
    size_t size = 1;
    for (auto side : shape) size *= side;
    if (size == xs[0].size()) return shape;
  }
  if (name == "Matmul" && xs[0].ndim() == 2 && xs[1].ndim() == 2 && xs[0].shape(1) == xs[1].shape(0)) {
    return {xs[0].shape(0), xs[1].shape(1)};
  }
  refuse(name);
}

static mx::Shape common_shape(const Arrays& xs) {
  mx::Shape shape = xs[0].shape();
  for (auto& x : xs) {
    if (x.ndim() > shape.size()) shape.insert(shape.begin(), x.ndim() - shape.size(), 1);
    for (size_t i = 1; i <= x.ndim(); ++i) {
      auto& side = shape[shape.size() - i];
      auto other = x.shape(x.ndim() - i);
      if (side != other && side != 1 && other != 1) refuse("Broadcast");
      if (side == 1) side = other;
    }
  }
  return shape;
}

Arrays Recipe::build(const Arrays& xs, bool other_shapes) const {
  std::unordered_map<std::uintptr_t, Array> made;
  for (size_t i = 0; i < xs.size(); ++i) made.insert({inputs[i].id(), xs[i]});
  auto current = [&](const Array& x) {
    auto found = made.find(x.id());
    return found == made.end() ? x : found->second;
  };
  for (auto& node : tape_) {
    Arrays arguments;
    for (auto& input : node.inputs()) arguments.push_back(current(input));
    auto name = name_of(node);
    if (name == "Broadcast" && (arguments.size() > 1 || !other_shapes)) {
      // recorded without regard to shapes: the first array is spread to the shape of all
      auto shape = other_shapes ? common_shape(arguments) : node.shape();
      made.insert({node.id(), mx::broadcast_to(arguments[0], shape, stream_of(node))});
    } else if (name == "Reshape" && !other_shapes) {
      made.insert({node.id(), mx::reshape(arguments[0], node.shape(), stream_of(node))});
    } else if (name == "Transpose") {
      // vectorising changes what MLX's own node holds: this one may be vectorised many times
      auto& axes = static_cast<const mx::Transpose&>(node.primitive());
      made.insert({node.id(), mx::transpose(arguments[0], axes.state(), stream_of(node))});
    } else if (node.siblings().empty()) {
      auto shape = other_shapes ? new_shape(node, arguments) : node.shape();
      made.insert({node.id(), Array(shape, node.dtype(), node.primitive_ptr(), std::move(arguments))});
    } else {
      if (other_shapes) refuse(name);
      std::vector<mx::Shape> shapes;
      std::vector<mx::Dtype> dtypes;
      auto old = node.outputs();
      for (auto& x : old) {
        shapes.push_back(x.shape());
        dtypes.push_back(x.dtype());
      }
      auto all = mx::array::make_arrays(std::move(shapes), dtypes, node.primitive_ptr(), arguments);
      for (size_t i = 0; i < old.size(); ++i) made.insert({old[i].id(), all[i]});
    }
  }
  Arrays results;
  for (auto& output : outputs_) results.push_back(current(output));
  return results;
}

Arrays Recipe::operator()(const Arrays& xs) const {
  return build(xs, false);
}

Arrays Recipe::at_other_shapes(const Arrays& xs) const {
  return build(xs, true);
}

} // namespace rmlx
