#include "transforms.h"

#include <string>
#include <unordered_set>

#include "mlx/primitives.h"
#include "mlx/transforms_impl.h"
#include "mlx/src/bridge.rs.h"

namespace rmlx {

Arrays call(Closure& f, const Arrays& inputs, Ints numbers) {
  return std::move(*f.call(inputs, numbers));
}

static Function function_of(Closure& f) {
  return [&f](const Arrays& xs) { return call(f, xs); };
}

static std::unique_ptr<Arrays> joined(Arrays first, const Arrays& second) {
  first.insert(first.end(), second.begin(), second.end());
  return std::make_unique<Arrays>(std::move(first));
}

std::unique_ptr<Arrays> value_and_grad(Closure& f, const Arrays& inputs, Ints argnums) {
  auto [values, grads] = mx::value_and_grad(function_of(f), vector_of(argnums))(inputs);
  return joined(std::move(values), grads);
}

mx::Stream stream_of(const Array& x) {
  return x.has_primitive() ? x.primitive().stream() : mx::default_stream(mx::default_device());
}

Arrays apart(Arrays outputs) {
  std::unordered_set<std::uintptr_t> seen;
  for (auto& x : outputs) {
    bool stopped = x.has_primitive() && std::string(x.primitive().name()) == "StopGradient";
    if (!seen.insert(x.id()).second || stopped) x = mx::copy(x, stream_of(x));
  }
  return outputs;
}

std::unique_ptr<Arrays> vjp(Closure& f, const Arrays& primals, const Arrays& cotangents) {
  auto distinct = [&f](const Arrays& xs) { return apart(call(f, xs)); };
  auto [outputs, vjps] = mx::vjp(distinct, primals, cotangents);
  return joined(std::move(outputs), vjps);
}

std::unique_ptr<Arrays> jvp(Closure& f, const Arrays& primals, const Arrays& tangents) {
  auto [outputs, jvps] = mx::jvp(function_of(f), primals, tangents);
  return joined(std::move(outputs), jvps);
}

// The closure says after the trace, as its numbers, where the new axis of each output goes. MLX moves the axis of an array
// that is returned twice twice.
std::unique_ptr<Arrays> vmap(Closure& f, const Arrays& inputs, Ints in_axes) {
  auto axes = vector_of(in_axes);
  auto distinct = [&f](const Arrays& xs) { return apart(call(f, xs)); };
  auto [traced, outputs] = mx::detail::vmap_trace(distinct, inputs, axes);
  auto numbers = f.numbers();
  std::vector<int> out_axes(numbers.begin(), numbers.end());
  return std::make_unique<Arrays>(mx::detail::vmap_replace(inputs, traced, outputs, axes, out_axes));
}

// Takes the mark of a trace that is over from arrays that it left behind, and from what they are made of.
void untrace(const Arrays& xs) {
  Arrays left(xs);
  while (!left.empty()) {
    auto x = std::move(left.back());
    left.pop_back();
    if (!x.is_tracer()) continue;
    x.set_tracer(false);
    for (auto& sibling : x.siblings()) sibling.set_tracer(false);
    left.insert(left.end(), x.inputs().begin(), x.inputs().end());
  }
}

// Is one of the targets among these arrays, or among what they are made of?
bool reaches(const Arrays& xs, const Arrays& targets) {
  std::unordered_set<std::uintptr_t> sought, seen;
  for (auto& x : targets) sought.insert(x.id());
  Arrays left(xs);
  while (!left.empty()) {
    auto x = std::move(left.back());
    left.pop_back();
    if (sought.count(x.id())) return true;
    for (auto& input : x.inputs()) {
      if (seen.insert(input.id()).second) left.push_back(input);
    }
  }
  return false;
}

} // namespace rmlx
