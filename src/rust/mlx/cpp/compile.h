// Functions that are traced once for each signature of their inputs.
#pragma once

#include "mlx/compile_impl.h"
#include "transforms.h"

namespace rmlx {

class Compiled {
 public:
  explicit Compiled(rust::Box<Closure> f);
  ~Compiled();
  Arrays call(const Arrays& inputs, uint64_t& tag) const;

 private:
  mx::detail::ArrayFnWithExtra function_;
  uintptr_t id_;
};

std::unique_ptr<Compiled> compiled_new(rust::Box<Closure> f);
std::unique_ptr<Arrays> compiled_call(const Compiled& f, const Arrays& inputs, uint64_t& tag);
void set_compile_mode(uint8_t mode);
bool in_transform();

} // namespace rmlx
