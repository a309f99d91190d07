// Operations whose derivatives or vectorisation MLX lacks, or gets wrong.
#pragma once

#include <functional>
#include <memory>

#include "ops.h"

namespace rmlx {

// What an operation does, and how a cotangent of it becomes one of its inputs. From the latter follow the rules for
// tangents; both are made of operations that have derivatives themselves.
struct Rules {
  using Function = std::function<Arrays(const Arrays&)>;
  // The outputs for inputs that are taken apart along `axes` (-1 for those that are not), with the parts along a new first
  // axis.
  using Vmap = std::function<Arrays(const Arrays& inputs, const std::vector<int>& axes)>;
  using Vjp = std::function<Arrays(const Arrays& inputs, const Arrays& cotangents, const Arrays& outputs)>;

  Function forward;
  // MLX's own, if none is given
  Vjp vjp = nullptr;
  // `forward` as MLX vectorises it, if none is given
  Vmap vmap = nullptr;
};

// The value of `rules.forward` of the inputs.
Arrays ruled(Rules rules, const Arrays& inputs);

// The array itself, with the axis that is taken apart moved to the front: where it must be for MLX to vectorise Gather and
// Scatter as they are.
mx::array in_front(const mx::array& x);

// The function on arrays that are taken apart along `axes`, with the parts of its outputs along the first axis.
Rules::Function vectorised(const Rules::Function& f, const std::vector<int>& axes);

// The rule of an operation that also works on stacks, along a new first axis of all inputs.
Rules::Vmap on_stacks(Rules::Function f);

// Stacks along a new first axis of arrays that are taken apart along `axes`; -1 repeats an array.
Arrays on_first_axis(const Arrays& xs, const std::vector<int>& axes);

} // namespace rmlx
