// Functions with derivatives of their own, and functions that are computed again for their derivatives.
#pragma once

#include "transforms.h"

namespace rmlx {

// The part of a graph that leads from some arrays to others, to be built again from other arrays of the same shapes.
class Recipe {
 public:
  Recipe(const Arrays& inputs, const Arrays& outputs);
  Arrays operator()(const Arrays& xs) const;

  // The inputs, then the arrays of enclosing transforms that the graph uses besides.
  Arrays inputs;
  size_t arguments;

 private:
  Arrays constants_, tape_, outputs_;
};

std::unique_ptr<Arrays> checkpointed(const Arrays& inputs, const Arrays& outputs);
std::unique_ptr<Arrays> customised(
    const Arrays& inputs,
    const Arrays& outputs,
    rust::Vec<uint8_t> given,
    rust::Box<Closure> vjp,
    rust::Box<Closure> jvp,
    rust::Box<Closure> vmap);

} // namespace rmlx
