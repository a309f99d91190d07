// Functions with derivatives of their own, and functions that are computed again for their derivatives.
#pragma once

#include "transforms.h"

namespace rmlx {

// The array as a node of its own, which no other array can depend on yet.
std::unique_ptr<Array> alias(const Array& x);

std::unique_ptr<Arrays> checkpointed(const Arrays& inputs, const Arrays& outputs);

// `given` says for each of vjp, jvp and vmap whether its closure is meant; the others follow from the function.
std::unique_ptr<Arrays> customised(
    const Arrays& inputs,
    const Arrays& outputs,
    rust::Vec<uint8_t> given,
    rust::Box<Closure> vjp,
    rust::Box<Closure> jvp,
    rust::Box<Closure> vmap);

} // namespace rmlx
