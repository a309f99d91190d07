// Functions that are traced once for each signature of their inputs.
#pragma once

#include "mlx/compile_impl.h"
#include "recipe.h"
#include "transforms.h"

namespace rmlx {

class Compiled {
 public:
  explicit Compiled(rust::Box<Closure> f);
  ~Compiled();
  Arrays call(const Arrays& inputs, bool plain, uint64_t& tag) const;

 private:
  mx::detail::ArrayFnWithExtra function_;
  uintptr_t id_;
};

// A trace that does not hold on to shapes more than the function itself does.
class Sketch {
 public:
  Sketch(Closure& f, const Arrays& inputs);
  const Recipe& recipe() const { return *recipe_; }

 private:
  std::unique_ptr<Recipe> recipe_;
};

std::unique_ptr<Sketch> sketch_new(Closure& f, const Arrays& inputs);
std::unique_ptr<Arrays> sketch_build(const Sketch& sketch, const Arrays& inputs, bool other_shapes);
std::unique_ptr<Compiled> compiled_new(rust::Box<Closure> f);
std::unique_ptr<Arrays> compiled_call(const Compiled& f, const Arrays& inputs, bool plain, uint64_t& tag);
void set_compile_mode(uint8_t mode);

} // namespace rmlx
