#include "rules.h"

#include <algorithm>
#include <utility>

#include "mlx/primitives.h"
#include "mlx/transforms_impl.h"
#include "transforms.h"

namespace rmlx {

using Shared = std::shared_ptr<const Rules>;

static Arrays value_of(const Shared& rules, const Arrays& inputs);

static bool any_traced(const Arrays& xs) {
  return std::any_of(xs.begin(), xs.end(), [](auto& x) { return x.is_tracer(); });
}

// Tangents are asked of everything that inputs lead to, wanted or not, unless it lies behind this.
static Arrays stopped(Arrays xs) {
  for (auto& x : xs) x = mx::stop_gradient(x, stream_of(x));
  return xs;
}

static Arrays zeros_of(const Arrays& xs) {
  Arrays zeros;
  for (auto& x : xs) zeros.push_back(mx::zeros_like(x, stream_of(x)));
  return zeros;
}

static Arrays pulled_back(const Rules& rules, const Arrays& inputs, const Arrays& cotangents, const Arrays& outputs) {
  if (rules.vjp) return rules.vjp(inputs, cotangents, outputs);
  Arrays all(inputs), vjps;
  all.insert(all.end(), cotangents.begin(), cotangents.end());
  // each for itself, so that nothing is asked of those that nobody wants
  for (size_t i = 0; i < inputs.size(); i++) {
    if (!mx::issubdtype(inputs[i].dtype(), mx::inexact)) {
      vjps.push_back(mx::zeros_like(inputs[i], stream_of(inputs[i])));
      continue;
    }
    auto back = [f = rules.forward, n = inputs.size(), i](const Arrays& in) {
      auto of_one = [&](const Arrays& xs) {
        Arrays primals(in.begin(), in.begin() + n);
        primals[i] = xs[0];
        return f(primals);
      };
      return mx::vjp(of_one, {in[i]}, Arrays(in.begin() + n, in.end())).second;
    };
    vjps.push_back(ruled({back}, all)[0]);
  }
  return vjps;
}

// The map from cotangents to those of the inputs is linear; its own derivative takes tangents to tangents.
static Arrays pushed_forward(
    const Shared& rules, const Arrays& inputs, const Arrays& tangents, const std::vector<int>& argnums) {
  auto outputs = value_of(rules, inputs);
  auto along = zeros_of(inputs);
  for (size_t i = 0; i < argnums.size() && argnums[i] < static_cast<int>(along.size()); i++) {
    along[argnums[i]] = tangents[i];
  }
  auto pull = [&](const Arrays& cotangents) { return apart(pulled_back(*rules, inputs, cotangents, outputs)); };
  return mx::vjp(pull, zeros_of(outputs), along).second;
}

Arrays on_first_axis(const Arrays& xs, const std::vector<int>& axes) {
  int count = 0;
  for (size_t i = 0; i < xs.size(); i++) {
    if (axes[i] >= 0) count = xs[i].shape(axes[i]);
  }
  Arrays stacks;
  for (size_t i = 0; i < xs.size(); i++) {
    auto place = stream_of(xs[i]);
    if (axes[i] >= 0) {
      stacks.push_back(mx::moveaxis(xs[i], axes[i], 0, place));
      continue;
    }
    auto shape = xs[i].shape();
    shape.insert(shape.begin(), count);
    stacks.push_back(mx::broadcast_to(mx::expand_dims(xs[i], 0, place), shape, place));
  }
  return stacks;
}

Rules::Vmap on_stacks(Rules::Function f) {
  return [f](const Arrays& inputs, const std::vector<int>& axes) { return f(on_first_axis(inputs, axes)); };
}

// MLX wants to know how many outputs there will be.
Rules::Function vectorised(const Rules::Function& f, const std::vector<int>& axes) {
  return [f, axes](const Arrays& inputs) {
    auto [traced, outputs] = mx::detail::vmap_trace(f, inputs, axes);
    return mx::detail::vmap_replace(inputs, traced, outputs, axes, std::vector<int>(outputs.size(), 0));
  };
}

static Arrays value_of(const Shared& rules, const Arrays& inputs) {
  if (!any_traced(inputs)) return rules->forward(inputs);
  auto vjp = [rules](const Arrays& in, const Arrays& cotangents, const Arrays& out) {
    return pulled_back(*rules, in, cotangents, out);
  };
  auto jvp = [rules](const Arrays& in, const Arrays& tangents, const std::vector<int>& argnums) {
    return pushed_forward(rules, in, tangents, argnums);
  };
  auto vmap = [rules](const Arrays& in, const std::vector<int>& axes) -> std::pair<Arrays, std::vector<int>> {
    auto outputs = rules->vmap ? rules->vmap(in, axes) : ruled({vectorised(rules->forward, axes)}, in);
    return {outputs, std::vector<int>(outputs.size(), 0)};
  };
  auto hidden = [rules](const Arrays& in) { return rules->forward(stopped(in)); };
  return mx::custom_function(hidden, vjp, jvp, vmap)(inputs);
}

Arrays ruled(Rules rules, const Arrays& inputs) {
  return value_of(std::make_shared<const Rules>(std::move(rules)), inputs);
}

mx::array in_front(const mx::array& x) {
  if (!x.is_tracer()) return x;
  auto vmap = [](const Arrays& in, const std::vector<int>& axes) -> std::pair<Arrays, std::vector<int>> {
    int axis = axes[0];
    return {{axis > 0 ? mx::moveaxis(in[0], axis, 0, stream_of(in[0])) : in[0]}, {axis < 0 ? -1 : 0}};
  };
  auto vjp = [](const Arrays&, const Arrays& g, const Arrays&) { return g; };
  auto jvp = [](const Arrays&, const Arrays& t, const std::vector<int>&) { return t; };
  return mx::custom_function(stopped, vjp, jvp, vmap)({x})[0];
}

} // namespace rmlx
