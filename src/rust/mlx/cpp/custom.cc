#include "custom.h"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "mlx/primitives.h"
#include "mlx/src/bridge.rs.h"
#include "mlx/transforms_impl.h"

namespace rmlx {

// Arrays that do not depend on the inputs are taken as they are. Those that belong to an enclosing transform become
// further inputs, so that its derivatives reach them.
Recipe::Recipe(const Arrays& xs, const Arrays& outputs) : inputs(xs), arguments(xs.size()), outputs_(apart(outputs)) {
  std::unordered_map<std::uintptr_t, bool> depends;
  for (auto& x : xs) depends[x.id()] = true;
  std::vector<std::pair<Array, size_t>> path;
  auto enter = [&](const Array& x) {
    if (depends.count(x.id())) return;
    depends[x.id()] = false;
    for (auto& sibling : x.siblings()) depends[sibling.id()] = false;
    path.emplace_back(x, 0);
  };
  for (auto& root : outputs_) {
    enter(root);
    while (!path.empty()) {
      auto& [x, next] = path.back();
      if (next < x.inputs().size()) {
        Array input = x.inputs()[next++];
        enter(input);
        continue;
      }
      Array done = x;
      path.pop_back();
      bool inside = false;
      for (auto& input : done.inputs()) inside = inside || depends.at(input.id());
      if (inside) {
        depends[done.id()] = true;
        for (auto& sibling : done.siblings()) depends[sibling.id()] = true;
        tape_.push_back(done);
      }
    }
  }
  // the leaves: what the tape and the outputs use that does not depend on the inputs
  std::unordered_set<std::uintptr_t> kept;
  for (auto& x : xs) kept.insert(x.id());
  auto leaf = [&](const Array& x) {
    if (!depends.at(x.id()) && kept.insert(x.id()).second) (x.is_tracer() ? inputs : constants_).push_back(x);
  };
  for (auto& node : tape_) {
    for (auto& input : node.inputs()) leaf(input);
  }
  for (auto& output : outputs_) leaf(output);
}

// The primitive of an array; a new one where vectorising changes what MLX's holds, since a recipe is vectorised many times.
static std::shared_ptr<mx::Primitive> primitive_of(const Array& x) {
  auto& primitive = x.primitive();
  auto stream = primitive.stream();
  if (auto* broadcast = dynamic_cast<mx::Broadcast*>(&primitive)) {
    return std::make_shared<mx::Broadcast>(stream, broadcast->state());
  }
  if (auto* reshape = dynamic_cast<mx::Reshape*>(&primitive)) {
    return std::make_shared<mx::Reshape>(stream, reshape->state());
  }
  if (auto* transpose = dynamic_cast<mx::Transpose*>(&primitive)) {
    return std::make_shared<mx::Transpose>(stream, transpose->state());
  }
  return x.primitive_ptr();
}

Arrays Recipe::operator()(const Arrays& xs) const {
  std::unordered_map<std::uintptr_t, Array> built;
  for (size_t i = 0; i < inputs.size(); ++i) built.insert({inputs[i].id(), xs[i]});
  for (auto& x : constants_) built.insert({x.id(), x});
  for (auto& node : tape_) {
    Arrays from;
    for (auto& input : node.inputs()) from.push_back(built.at(input.id()));
    if (node.siblings().empty()) {
      built.insert({node.id(), Array(node.shape(), node.dtype(), primitive_of(node), std::move(from))});
      continue;
    }
    auto all = node.outputs();
    std::vector<mx::Shape> shapes;
    std::vector<mx::Dtype> dtypes;
    for (auto& x : all) {
      shapes.push_back(x.shape());
      dtypes.push_back(x.dtype());
    }
    auto made = Array::make_arrays(std::move(shapes), dtypes, node.primitive_ptr(), from);
    for (size_t i = 0; i < all.size(); ++i) built.insert({all[i].id(), made[i]});
  }
  Arrays outputs;
  for (auto& x : outputs_) outputs.push_back(built.at(x.id()));
  return outputs;
}

using Vjp = std::function<Arrays(const Arrays&, const Arrays&, const Arrays&)>;
using Jvp = std::function<Arrays(const Arrays&, const Arrays&, const std::vector<int>&)>;
using Vmap = std::function<std::pair<Arrays, std::vector<int>>(const Arrays&, const std::vector<int>&)>;

static Arrays filled(const Arrays& primals, const Arrays& tangents, const std::vector<int>& argnums) {
  Arrays all;
  for (auto& x : primals) all.push_back(mx::zeros_like(x, stream_of(x)));
  for (size_t i = 0; i < argnums.size() && argnums[i] < static_cast<int>(all.size()); ++i) {
    all[argnums[i]] = tangents[i];
  }
  return all;
}

static Arrays joined(std::initializer_list<Arrays> parts) {
  Arrays all;
  for (auto& part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

static Arrays first_of(const Arrays& xs, size_t n) {
  return Arrays(xs.begin(), xs.begin() + n);
}

static Jvp default_jvp(std::shared_ptr<Recipe> recipe) {
  return [recipe](auto& primals, auto& tangents, auto& argnums) {
    return mx::jvp(*recipe, primals, filled(primals, tangents, argnums)).second;
  };
}

static Vjp default_vjp(std::shared_ptr<Recipe> recipe) {
  return [recipe](auto& primals, auto& cotangents, auto&) { return mx::vjp(*recipe, primals, cotangents).second; };
}

static Vmap default_vmap(std::shared_ptr<Recipe> recipe, size_t n) {
  return [recipe, n](auto& inputs, auto& axes) -> std::pair<Arrays, std::vector<int>> {
    std::vector<int> out_axes(n, 0);
    return {mx::vmap(*recipe, axes, out_axes)(inputs), out_axes};
  };
}

static bool traced(const Arrays& xs) {
  return std::any_of(xs.begin(), xs.end(), [](auto& x) { return x.is_tracer(); });
}

static Arrays custom(Arrays inputs, const Arrays& outputs, Vjp vjp, Jvp jvp, Vmap vmap) {
  std::vector<mx::Shape> shapes;
  std::vector<mx::Dtype> dtypes;
  for (auto& x : outputs) {
    shapes.push_back(x.shape());
    dtypes.push_back(x.dtype());
    inputs.push_back(mx::stop_gradient(x, stream_of(x)));
  }
  auto primitive = std::make_shared<mx::CustomTransforms>(
      stream_of(outputs[0]), outputs.size(), std::move(vjp), std::move(jvp), std::move(vmap));
  return mx::array::make_arrays(std::move(shapes), dtypes, primitive, inputs);
}

// The arrays `xs`, not to be used before those in `after` are computed. MLX's own primitive for that cannot be vectorised
// or differentiated forwards.
static Arrays delayed(const Arrays& xs, const Arrays& after) {
  size_t n = xs.size();
  auto vjp = [n](auto& inputs, auto& cotangents, auto&) {
    Arrays all(cotangents);
    for (size_t i = n; i < inputs.size(); ++i) all.push_back(mx::zeros_like(inputs[i], stream_of(inputs[i])));
    return all;
  };
  auto jvp = [n](auto& inputs, auto& tangents, auto& argnums) { return filled(first_of(inputs, n), tangents, argnums); };
  // an axis for each: MLX misplaces results that have none
  auto vmap = [n](auto& inputs, auto& axes) -> std::pair<Arrays, std::vector<int>> {
    Arrays parts = first_of(inputs, n);
    std::vector<int> out_axes(axes.begin(), axes.begin() + n);
    size_t batched = std::find_if(axes.begin(), axes.end(), [](int axis) { return axis >= 0; }) - axes.begin();
    for (size_t i = 0; i < n; ++i) {
      if (out_axes[i] >= 0) continue;
      auto shape = parts[i].shape();
      shape.insert(shape.begin(), inputs[batched].shape(axes[batched]));
      parts[i] = mx::broadcast_to(parts[i], shape, stream_of(parts[i]));
      out_axes[i] = 0;
    }
    return {delayed(parts, Arrays(inputs.begin() + n, inputs.end())), out_axes};
  };
  return custom(joined({xs, after}), xs, vjp, jvp, vmap);
}

// The outputs are built anew from the recipe, whose own graph is never computed and so holds no memory.
std::unique_ptr<Arrays> checkpointed(const Arrays& inputs, const Arrays& outputs) {
  auto recipe = std::make_shared<Recipe>(inputs, outputs);
  if (!traced(recipe->inputs)) return std::make_unique<Arrays>(outputs);
  auto vjp = [recipe](auto& primals, auto& cotangents, auto& outputs) {
    return mx::vjp(*recipe, delayed(primals, outputs), cotangents).second;
  };
  return std::make_unique<Arrays>(custom(
      recipe->inputs,
      (*recipe)(recipe->inputs),
      vjp,
      default_jvp(recipe),
      default_vmap(recipe, outputs.size())));
}

// `given` says for each of vjp, jvp and vmap whether its closure is meant; the others follow from the function. The
// arguments come first among the primals; what the function uses besides has no derivative where a closure is given.
std::unique_ptr<Arrays> customised(
    const Arrays& inputs,
    const Arrays& outputs,
    rust::Vec<uint8_t> given,
    rust::Box<Closure> vjp,
    rust::Box<Closure> jvp,
    rust::Box<Closure> vmap) {
  auto recipe = std::make_shared<Recipe>(inputs, outputs);
  if (!traced(recipe->inputs)) return std::make_unique<Arrays>(outputs);
  auto kept = [](rust::Box<Closure> f) { return std::make_shared<rust::Box<Closure>>(std::move(f)); };
  size_t n = recipe->arguments, m = outputs.size();
  Vjp on_vjp = default_vjp(recipe);
  if (given[0]) {
    on_vjp = [f = kept(std::move(vjp)), n](auto& primals, auto& cotangents, auto& outputs) {
      auto vjps = call(**f, joined({first_of(primals, n), cotangents, outputs}));
      for (size_t i = n; i < primals.size(); ++i) vjps.push_back(mx::zeros_like(primals[i], stream_of(primals[i])));
      return vjps;
    };
  }
  Jvp on_jvp = default_jvp(recipe);
  if (given[1]) {
    on_jvp = [f = kept(std::move(jvp)), n](auto& primals, auto& tangents, auto& argnums) {
      auto arguments = first_of(primals, n);
      return call(**f, joined({arguments, filled(arguments, tangents, argnums)}));
    };
  }
  Vmap on_vmap = default_vmap(recipe, m);
  if (given[2]) {
    on_vmap = [f = kept(std::move(vmap)), n](auto& inputs, auto& axes) -> std::pair<Arrays, std::vector<int>> {
      std::vector<int32_t> places(axes.begin(), axes.begin() + n);
      auto outputs = call(**f, first_of(inputs, n), Ints(places.data(), places.size()));
      auto numbers = (*f)->numbers();
      return {outputs, std::vector<int>(numbers.begin(), numbers.end())};
    };
  }
  return std::make_unique<Arrays>(custom(recipe->inputs, (*recipe)(recipe->inputs), on_vjp, on_jvp, on_vmap));
}

} // namespace rmlx
