#include "transforms.h"

#include "mlx/src/bridge.rs.h"

namespace rmlx {

std::unique_ptr<Arrays> value_and_grad(Closure& f, const Arrays& inputs, Ints argnums) {
  auto function = [&f](const Arrays& xs) { return *f.call(xs); };
  auto [values, grads] = mx::value_and_grad(function, vector_of(argnums))(inputs);
  auto out = std::make_unique<Arrays>(std::move(values));
  out->insert(out->end(), grads.begin(), grads.end());
  return out;
}

// MLX keeps traces by a number of ours, and forgets them when told. The tag that the closure gave while it was traced
// comes back with every later call, so that the caller knows which trace it got.
Compiled::Compiled(rust::Box<Closure> f, bool shapeless) : shapeless_(shapeless) {
  auto shared = std::make_shared<rust::Box<Closure>>(std::move(f));
  id_ = reinterpret_cast<uintptr_t>(shared.get());
  function_ = [shared](const Arrays& xs) -> mx::detail::ArraysAndExtra {
    auto outputs = (*shared)->call(xs);
    return {std::move(*outputs), std::make_shared<uint64_t>((*shared)->tag())};
  };
}

Compiled::~Compiled() {
  mx::detail::compile_erase(mx::detail::compile_cache(), id_);
}

Arrays Compiled::call(const Arrays& inputs, uint64_t& tag) const {
  auto [outputs, extra] = mx::detail::compile(function_, id_, shapeless_, {})(inputs);
  tag = *static_cast<uint64_t*>(extra.get());
  return outputs;
}

std::unique_ptr<Compiled> compiled_new(rust::Box<Closure> f, bool shapeless) {
  return std::make_unique<Compiled>(std::move(f), shapeless);
}

std::unique_ptr<Arrays> compiled_call(const Compiled& f, const Arrays& inputs, uint64_t& tag) {
  return std::make_unique<Arrays>(f.call(inputs, tag));
}

void set_compile_enabled(bool enabled) {
  if (enabled) mx::enable_compile();
  else mx::disable_compile();
}

void set_compile_fusion(bool fuse) {
  mx::set_compile_mode(fuse ? mx::CompileMode::enabled : mx::CompileMode::no_fuse);
}

} // namespace rmlx
