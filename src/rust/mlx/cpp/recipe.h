// The part of a graph that leads from some arrays to others, to be built again from other arrays.
#pragma once

#include "array.h"

namespace rmlx {

// Visits the arrays of a graph for which `enter` holds, inputs before what is made of them, without recursion.
template <typename Enter, typename Visit>
void inputs_first(const Arrays& roots, Enter enter, Visit visit) {
  std::vector<std::pair<Array, size_t>> path;
  auto start = [&](const Array& x) {
    if (enter(x)) path.emplace_back(x, 0);
  };
  for (auto& root : roots) {
    start(root);
    while (!path.empty()) {
      auto& [x, next] = path.back();
      if (next < x.inputs().size()) {
        Array input = x.inputs()[next++];
        start(input);
      } else {
        Array done = x;
        path.pop_back();
        visit(done);
      }
    }
  }
}

class Recipe {
 public:
  // Arrays that do not depend on the inputs are taken as they are. Those that belong to an enclosing transform become further
  // inputs, so that its derivatives reach them.
  Recipe(const Arrays& inputs, const Arrays& outputs);

  // The outputs made of arrays of the same shapes as the inputs.
  Arrays operator()(const Arrays& xs) const;

  // The outputs made of arrays of other shapes, with as many axes. Raises where an operation holds on to a shape, or does
  // not fit these.
  Arrays at_other_shapes(const Arrays& xs) const;

  Arrays inputs;
  size_t arguments;

 private:
  Arrays build(const Arrays& xs, bool other_shapes) const;

  Arrays tape_, outputs_;
};

} // namespace rmlx
