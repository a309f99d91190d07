// Functions of functions. A closure is Rust's; MLX calls it while it traces, on the caller's thread.
#pragma once

#include "array.h"
#include "mlx/compile_impl.h"

namespace rmlx {

struct Closure;

class Compiled {
 public:
  Compiled(rust::Box<Closure> f, bool shapeless);
  ~Compiled();
  Arrays call(const Arrays& inputs, uint64_t& tag) const;

 private:
  mx::detail::ArrayFnWithExtra function_;
  uintptr_t id_;
  bool shapeless_;
};

std::unique_ptr<Arrays> value_and_grad(Closure& f, const Arrays& inputs, Ints argnums);
std::unique_ptr<Compiled> compiled_new(rust::Box<Closure> f, bool shapeless);
std::unique_ptr<Arrays> compiled_call(const Compiled& f, const Arrays& inputs, uint64_t& tag);
void set_compile_enabled(bool enabled);
void set_compile_fusion(bool fuse);

} // namespace rmlx
