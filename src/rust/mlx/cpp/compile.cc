#include "compile.h"

#include "mlx/compile.h"
#include "mlx/export.h"
#include "mlx/src/bridge.rs.h"

namespace rmlx {

// MLX keeps traces by a number of ours, and forgets them when told. The tag that the closure gave while it was traced
// comes back with every later call, so that the caller knows which trace it got.
Compiled::Compiled(rust::Box<Closure> f) {
  auto shared = std::make_shared<rust::Box<Closure>>(std::move(f));
  id_ = reinterpret_cast<uintptr_t>(shared.get());
  function_ = [shared](const Arrays& xs) -> mx::detail::ArraysAndExtra {
    auto outputs = rmlx::call(**shared, xs);
    auto numbers = (*shared)->numbers();
    return {std::move(outputs), std::make_shared<uint64_t>(numbers.empty() ? 0 : numbers[0])};
  };
}

Compiled::~Compiled() {
  mx::detail::compile_erase(mx::detail::compile_cache(), id_);
}

Arrays Compiled::call(const Arrays& inputs, bool plain, uint64_t& tag) const {
  auto traced = plain ? function_ : mx::detail::compile(function_, id_, false, {});
  auto [outputs, extra] = traced(inputs);
  tag = *static_cast<uint64_t*>(extra.get());
  return outputs;
}

std::unique_ptr<Compiled> compiled_new(rust::Box<Closure> f) {
  return std::make_unique<Compiled>(std::move(f));
}

std::unique_ptr<Arrays> compiled_call(const Compiled& f, const Arrays& inputs, bool plain, uint64_t& tag) {
  return std::make_unique<Arrays>(f.call(inputs, plain, tag));
}

// Only an export traces without regard to shapes. What it does with the trace afterwards does not matter, nor whether it
// can: the graph is taken from the function that it calls.
Sketch::Sketch(Closure& f, const Arrays& inputs) {
  Arrays examples;
  for (auto& x : inputs) examples.emplace_back(x.shape(), x.dtype(), nullptr, Arrays{});
  auto function = [&](const mx::Args& placeholders) {
    auto outputs = rmlx::call(f, placeholders);
    recipe_ = std::make_unique<Recipe>(placeholders, outputs);
    // MLX changes the nodes that it is given
    for (auto& x : outputs) x = mx::copy(x, stream_of(x));
    return outputs;
  };
  try {
    mx::export_function(mx::ExportCallback([](auto&) {}), function, examples, true);
  } catch (const std::exception&) {
    if (!recipe_) throw;
  }
}

std::unique_ptr<Sketch> sketch_new(Closure& f, const Arrays& inputs) {
  return std::make_unique<Sketch>(f, inputs);
}

std::unique_ptr<Arrays> sketch_build(const Sketch& sketch, const Arrays& inputs, bool other_shapes) {
  auto& recipe = sketch.recipe();
  return std::make_unique<Arrays>(other_shapes ? recipe.at_other_shapes(inputs) : recipe(inputs));
}

void set_compile_mode(uint8_t mode) {
  mx::set_compile_mode(static_cast<mx::CompileMode>(mode));
}

} // namespace rmlx
