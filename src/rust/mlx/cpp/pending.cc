#include "pending.h"

#include <unordered_set>

#include "mlx/compile_impl.h"
#include "recipe.h"

namespace rmlx {

static bool is_pending(const Array& x) {
  return x.status() == mx::array::Status::unscheduled && x.has_primitive();
}

// The computed arrays that the roots start from.
static Arrays leaves_of(const Arrays& roots) {
  std::unordered_set<std::uintptr_t> seen;
  Arrays leaves;
  auto enter = [&](const Array& x) {
    if (!seen.insert(x.id()).second) return false;
    for (auto& sibling : x.siblings()) seen.insert(sibling.id());
    if (is_pending(x)) return true;
    leaves.push_back(x);
    return false;
  };
  inputs_first(roots, enter, [](auto&) {});
  return leaves;
}

// MLX compiles functions, so the graph is handed over as one that is called once. Its starting points are the arguments,
// numbers included: kernels for other numbers are the same.
Pending::Pending(const Arrays& xs) {
  std::unordered_set<std::uintptr_t> seen;
  for (auto& x : xs) {
    if (!is_pending(x)) {
      fused_.push_back(x);
      continue;
    }
    for (auto& output : x.outputs()) {
      if (seen.insert(output.id()).second) roots_.push_back(output);
    }
  }
  if (roots_.empty()) return;
  auto leaves = leaves_of(roots_);
  if (leaves.empty()) {
    fused_.insert(fused_.begin(), roots_.begin(), roots_.end());
    roots_.clear();
    return;
  }
  Recipe recipe(leaves, roots_);
  auto id = reinterpret_cast<std::uintptr_t>(this);
  auto function = [&](const Arrays& placeholders) -> mx::detail::ArraysAndExtra {
    return {recipe(placeholders), nullptr};
  };
  struct Forget {
    std::uintptr_t id;
    ~Forget() { mx::detail::compile_erase(mx::detail::compile_cache(), id); }
  } forget{id};
  auto made = mx::detail::compile(function, id, false, {})(leaves).first;
  fused_.insert(fused_.begin(), made.begin(), made.end());
}

const Arrays& Pending::fused() const {
  return fused_;
}

void Pending::settle() {
  for (size_t i = 0; i < roots_.size(); ++i) {
    auto& root = roots_[i];
    root.copy_shared_buffer(fused_[i]);
    root.set_status(mx::array::Status::available);
  }
  for (auto& root : roots_) root.detach();
}

} // namespace rmlx
