#include <algorithm>
#include <functional>

#include "depends.h"
#include "transforms.h"

namespace rmlx {

static Arrays joined(Arrays first, const Arrays& second) {
  first.insert(first.end(), second.begin(), second.end());
  return first;
}

// MLX's operation has no derivative forwards and cannot be vectorised: inside a transform another one with rules of its own
// does its work, which has all arrays for inputs and copies the first ones.
static Arrays traced_after(const Arrays& xs, const Arrays& others) {
  size_t n = xs.size();
  auto vjp = [n](const Arrays& primals, const Arrays& cotangents, const Arrays&) {
    Arrays vjps(cotangents);
    for (size_t i = n; i < primals.size(); ++i) vjps.push_back(mx::zeros_like(primals[i], stream_of(primals[i])));
    return vjps;
  };
  auto jvp = [n](const Arrays& primals, const Arrays& tangents, const std::vector<int>& argnums) {
    Arrays jvps;
    for (size_t i = 0; i < n; ++i) jvps.push_back(mx::zeros_like(primals[i], stream_of(primals[i])));
    for (size_t i = 0; i < argnums.size() && argnums[i] < static_cast<int>(n); ++i) jvps[argnums[i]] = tangents[i];
    return jvps;
  };
  // MLX takes no outputs without the axis
  auto vmap = [n](const Arrays& inputs, const std::vector<int>& axes) -> std::pair<Arrays, std::vector<int>> {
    Arrays xs(inputs.begin(), inputs.begin() + n), others(inputs.begin() + n, inputs.end());
    size_t with = std::find_if(axes.begin(), axes.end(), [](int axis) { return axis >= 0; }) - axes.begin();
    std::vector<int> out(axes.begin(), axes.begin() + n);
    for (size_t i = 0; i < n; ++i) {
      if (out[i] >= 0 || with == axes.size()) continue;
      auto shape = xs[i].shape();
      shape.insert(shape.begin(), inputs[with].shape(axes[with]));
      xs[i] = mx::broadcast_to(xs[i], shape, stream_of(xs[i]));
      out[i] = 0;
    }
    return {after(xs, others), out};
  };
  auto function = [n](const Arrays& inputs) { return Arrays(inputs.begin(), inputs.begin() + n); };
  return mx::custom_function(function, vjp, jvp, vmap)(joined(xs, others));
}

Arrays after(const Arrays& xs, const Arrays& others) {
  auto inputs = joined(xs, others);
  bool traced = std::any_of(inputs.begin(), inputs.end(), [](auto& x) { return x.is_tracer(); });
  return traced ? traced_after(xs, others) : mx::depends(xs, others);
}

std::unique_ptr<Arrays> depends(const Arrays& xs, const Arrays& others) {
  return std::make_unique<Arrays>(after(xs, others));
}

} // namespace rmlx
