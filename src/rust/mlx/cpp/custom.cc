#include "custom.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "depends.h"
#include "mlx/src/bridge.rs.h"
#include "recipe.h"

namespace rmlx {

using Axes = std::vector<int>;
using Vjp = std::function<Arrays(const Arrays&, const Arrays&, const Arrays&)>;
using Jvp = std::function<Arrays(const Arrays&, const Arrays&, const Axes&)>;
using Vmap = std::function<std::pair<Arrays, Axes>(const Arrays&, const Axes&)>;

std::unique_ptr<Array> alias(const Array& x) {
  return wrap(mx::copy(x, stream_of(x)));
}

static bool is_traced(const Recipe& recipe) {
  return std::any_of(recipe.inputs.begin(), recipe.inputs.end(), [](auto& x) { return x.is_tracer(); });
}

// The outputs are built anew from the recipe, whose own graph is never computed and so holds no memory.
std::unique_ptr<Arrays> checkpointed(const Arrays& inputs, const Arrays& outputs) {
  auto recipe = std::make_shared<Recipe>(inputs, outputs);
  if (!is_traced(*recipe)) return std::make_unique<Arrays>(outputs);
  auto build = [recipe](const Arrays& xs) { return (*recipe)(xs); };
  auto vjp = [build](auto& primals, auto& cotangents, auto& outputs) {
    return mx::vjp(build, after(primals, outputs), cotangents).second;
  };
  return std::make_unique<Arrays>(mx::custom_vjp(build, vjp)(recipe->inputs));
}

static Arrays joined(std::initializer_list<Arrays> parts) {
  Arrays all;
  for (auto& part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

static Arrays first_of(const Arrays& xs, size_t n) {
  return Arrays(xs.begin(), xs.begin() + n);
}

static Array zeros(const Array& like) {
  return mx::zeros_like(like, stream_of(like));
}

static Arrays filled(const Arrays& primals, const Arrays& tangents, const Axes& argnums) {
  Arrays all;
  for (auto& x : primals) all.push_back(zeros(x));
  for (size_t i = 0; i < argnums.size() && argnums[i] < static_cast<int>(all.size()); ++i) {
    all[argnums[i]] = tangents[i];
  }
  return all;
}

// The arguments come first among the primals; what the function uses besides has no derivative where a closure is given.
std::unique_ptr<Arrays> customised(
    const Arrays& inputs,
    const Arrays& outputs,
    rust::Vec<uint8_t> given,
    rust::Box<Closure> vjp,
    rust::Box<Closure> jvp,
    rust::Box<Closure> vmap) {
  auto recipe = std::make_shared<Recipe>(inputs, outputs);
  if (!is_traced(*recipe)) return std::make_unique<Arrays>(outputs);
  auto kept = [](rust::Box<Closure> f) { return std::make_shared<rust::Box<Closure>>(std::move(f)); };
  size_t n = recipe->arguments;
  std::optional<Vjp> on_vjp;
  if (given[0]) {
    on_vjp = [f = kept(std::move(vjp)), n](auto& primals, auto& cotangents, auto& outputs) {
      auto vjps = call(**f, joined({first_of(primals, n), cotangents, outputs}));
      for (size_t i = n; i < primals.size(); ++i) vjps.push_back(zeros(primals[i]));
      return vjps;
    };
  }
  std::optional<Jvp> on_jvp;
  if (given[1]) {
    on_jvp = [f = kept(std::move(jvp)), n](auto& primals, auto& tangents, auto& argnums) {
      auto arguments = first_of(primals, n);
      return call(**f, joined({arguments, filled(arguments, tangents, argnums)}));
    };
  }
  std::optional<Vmap> on_vmap;
  if (given[2]) {
    on_vmap = [f = kept(std::move(vmap)), n](auto& inputs, auto& axes) -> std::pair<Arrays, Axes> {
      std::vector<int32_t> places(axes.begin(), axes.begin() + n);
      auto outputs = call(**f, first_of(inputs, n), Ints(places.data(), places.size()));
      auto numbers = (*f)->numbers();
      return {outputs, Axes(numbers.begin(), numbers.end())};
    };
  }
  auto build = [recipe](const Arrays& xs) { return (*recipe)(xs); };
  return std::make_unique<Arrays>(mx::custom_function(build, on_vjp, on_jvp, on_vmap)(recipe->inputs));
}

} // namespace rmlx
