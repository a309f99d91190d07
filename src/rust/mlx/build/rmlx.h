// Our own additions to MLX, copied into the private copy of its source as mlx/rmlx.h. The edits in edits.rs call them.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "mlx/array.h"
#include "mlx/primitives.h"

namespace mlx::core::rmlx {

// Set by the host program; asked on the thread that evaluates whether the user wants to stop.
inline bool (*interrupt_hook)() = nullptr;
inline bool interrupted = false;

inline void check_interrupt() {
  if (interrupt_hook && !interrupted) interrupted = interrupt_hook();
  if (interrupted) throw std::runtime_error("[eval] Interrupted.");
}

// CPU operations that are queued and not done. Few are kept waiting, so that an interrupted evaluation has soon wound
// down and intermediate results do not pile up.
inline std::atomic<int> queued{0};

inline void make_room() {
  constexpr int most = 8;
  check_interrupt();
  for (int turn = 0; queued.load(std::memory_order_relaxed) > most; ++turn) {
    if (turn < 100) {
      std::this_thread::yield();
    } else {
      std::this_thread::sleep_for(std::chrono::microseconds(100));
      check_interrupt();
    }
  }
}

// Numbers that are added up one after the other before partial sums are added to each other.
constexpr int reduce_block = 4096;

// Visits the arrays of a graph, inputs before what is made of them, without recursion: MLX's own recursive visits, called
// in this order, go one level deep instead of overflowing the stack on a long chain.
template <typename Roots, typename Seen, typename Visit>
void inputs_first(const Roots& roots, Seen seen, Visit visit) {
  std::vector<std::pair<array, size_t>> path;
  std::unordered_set<std::uintptr_t> entered;
  auto enter = [&](const array& x) {
    if (!seen(x.id()) && entered.insert(x.id()).second) path.emplace_back(x, 0);
  };
  for (auto& root : roots) {
    enter(root);
    while (!path.empty()) {
      auto& [x, next] = path.back();
      if (next < x.inputs().size()) {
        array input = x.inputs()[next++];
        enter(input);
      } else {
        array done = x;
        path.pop_back();
        visit(done);
      }
    }
  }
}

// Why a fused kernel could not be built; empty when all could.
inline std::string kernel_failure;

// The kernel of this name, or null when it cannot be built, now or before.
inline void* try_kernel(const std::string& name, const std::function<void*()>& build) {
  static std::unordered_set<std::string> failed;
  if (failed.count(name)) return nullptr;
  try {
    return build();
  } catch (const std::exception& error) {
    failed.insert(name);
    kernel_failure = error.what();
    return nullptr;
  }
}

// Does what a fused kernel would, one operation after the other. Returns the intermediate arrays, to be kept until the
// queued work is done.
inline std::vector<array> run_unfused(
    const std::vector<array>& traced_inputs,
    const std::vector<array>& traced_outputs,
    const std::vector<array>& tape,
    const std::vector<array>& inputs,
    std::vector<array>& outputs) {
  std::unordered_map<std::uintptr_t, array> real;
  bool same_shapes = true;
  for (size_t i = 0; i < inputs.size(); ++i) {
    real.insert({traced_inputs[i].id(), inputs[i]});
    same_shapes = same_shapes && traced_inputs[i].shape() == inputs[i].shape();
  }
  std::vector<array> made;
  for (auto& node : tape) {
    std::vector<array> arguments;
    for (auto& input : node.inputs()) arguments.push_back(real.at(input.id()));
    auto shape = same_shapes ? node.shape() : node.primitive().output_shapes(arguments)[0];
    std::vector<array> result{array(shape, node.dtype(), node.primitive_ptr(), arguments)};
    node.primitive().eval_cpu(arguments, result);
    result[0].set_status(array::Status::evaluated);
    real.insert({node.id(), result[0]});
    made.push_back(result[0]);
  }
  for (size_t i = 0; i < outputs.size(); ++i) {
    outputs[i].copy_shared_buffer(real.at(traced_outputs[i].id()));
  }
  return made;
}

} // namespace mlx::core::rmlx
