// Derivatives and vectorisation. A closure is Rust's; MLX calls it while it traces, on the caller's thread.
#pragma once

#include <functional>

#include "array.h"

namespace rmlx {

struct Closure;

using Function = std::function<Arrays(const Arrays&)>;

// What a closure kept for good does to arrays and the numbers that MLX hands over with them.
Arrays call(Closure& f, const Arrays& inputs, Ints numbers = {});

// The stream that an array is computed on.
mx::Stream stream_of(const Array& x);

// MLX pairs cotangents with outputs by leaving out those behind stop_gradient, and keeps one cotangent for an array that
// is returned twice. A copy of such an output has its own place.
Arrays apart(Arrays outputs);

std::unique_ptr<Arrays> value_and_grad(Closure& f, const Arrays& inputs, Ints argnums);
std::unique_ptr<Arrays> vjp(Closure& f, const Arrays& primals, const Arrays& cotangents);
std::unique_ptr<Arrays> jvp(Closure& f, const Arrays& primals, const Arrays& tangents);
std::unique_ptr<Arrays> vmap(Closure& f, const Arrays& inputs, Ints in_axes);
void untrace(const Arrays& xs);
bool reaches(const Arrays& xs, const Arrays& targets);

// The same arrays, computed after the others.

} // namespace rmlx
