// Memory for arrays on the CPU. Copied into the private copy of MLX's source as mlx/aligned.h.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>

namespace mlx::core::rmlx {

// MLX writes the size in front of the numbers. Those of larger arrays begin at a line of the cache: a vector that lies on two
// takes twice as long to read. What malloc() gave is written in front of the size then. aligned_alloc() would leave gaps in
// which small things keep the heap from shrinking.
inline bool is_aligned(size_t size) {
  return size >= 1024;
}

inline void* allocate(size_t size) {
  constexpr size_t line = 64, in_front = sizeof(void*) + sizeof(size_t);
  if (!is_aligned(size)) return std::malloc(size + sizeof(size_t));
  void* start = std::malloc(size + in_front + line);
  if (start == nullptr) return nullptr;
  auto first = (reinterpret_cast<uintptr_t>(start) + in_front + line - 1) / line * line;
  *reinterpret_cast<void**>(first - in_front) = start;
  return reinterpret_cast<void*>(first - sizeof(size_t));
}

inline void release(void* buffer) {
  if (buffer == nullptr) return;
  bool aligned = is_aligned(*static_cast<size_t*>(buffer));
  std::free(aligned ? static_cast<void**>(buffer)[-1] : buffer);
}

} // namespace mlx::core::rmlx
