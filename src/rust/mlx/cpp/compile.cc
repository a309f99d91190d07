#include "compile.h"

#include "mlx/compile.h"
#include "mlx/src/bridge.rs.h"
#include "mlx/transforms_impl.h"

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

Arrays Compiled::call(const Arrays& inputs, uint64_t& tag) const {
  // inside another transform a function may use that one's arrays without taking them as arguments
  auto traced = mx::detail::in_tracing() ? function_ : mx::detail::compile(function_, id_, false, {});
  auto [outputs, extra] = traced(inputs);
  tag = *static_cast<uint64_t*>(extra.get());
  return outputs;
}

std::unique_ptr<Compiled> compiled_new(rust::Box<Closure> f) {
  return std::make_unique<Compiled>(std::move(f));
}

std::unique_ptr<Arrays> compiled_call(const Compiled& f, const Arrays& inputs, uint64_t& tag) {
  return std::make_unique<Arrays>(f.call(inputs, tag));
}

void set_compile_mode(uint8_t mode) {
  mx::set_compile_mode(static_cast<mx::CompileMode>(mode));
}

bool in_transform() {
  return mx::detail::in_tracing();
}

} // namespace rmlx
