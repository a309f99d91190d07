// Our own additions to MLX, copied into the private copy of its source as mlx/rmlx.h. The edits in edits.rs call them.
#pragma once

#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <typeinfo>
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

// Does the caller wait for what is being evaluated? A stream with nothing else to do then computes small operations on the
// caller's thread: handing them to its own takes longer.
inline thread_local bool waited_for = false;

class WaitedFor {
 public:
  explicit WaitedFor(bool now) : before(waited_for) {
    waited_for = now;
  }
  ~WaitedFor() {
    waited_for = before;
  }

 private:
  bool before;
};

// Does an operation pass over its arrays a few times only? Not what sorts, factorises, convolves or reads a file.
inline bool is_quick(const Primitive& operation) {
  static const std::unordered_set<std::string_view> others{
      "ArgPartition", "ArgSort", "BlockMaskedMM", "Cholesky", "Convolution", "Eig", "Eigh", "FFT", "GatherMM",
      "GatherQMM", "GatherQQMM", "Hadamard", "Inverse", "LUF", "Load", "Partition", "QQMatmul", "QRF", "QuantizedMatmul",
      "SVD", "SearchSorted", "SegmentedMM", "Sort"};
  return others.count(operation.name()) == 0;
}

inline bool is_product(const Primitive& operation) {
  return typeid(operation) == typeid(Matmul) || typeid(operation) == typeid(AddMM);
}

// A larger operation may take so long that the user wants to interrupt the wait for it.
inline bool is_small(const array& x) {
  constexpr size_t few = 1 << 18, many = 1 << 22, multiplications = 1 << 28;
  size_t most = x.size();
  for (auto& input : x.inputs()) most = std::max(most, input.size());
  if (most <= few) return true;
  if (most > many) return false;
  if (is_product(x.primitive())) return x.size() * x.inputs()[0].shape(-1) <= multiplications;
  return is_quick(x.primitive());
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

} // namespace mlx::core::rmlx
