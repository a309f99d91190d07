// Memory for arrays on the CPU. Copied into the private copy of MLX's source as mlx/aligned.h.
#pragma once

#include <cstddef>
#include <cstdlib>

namespace mlx::core::rmlx {

// MLX writes the size in front of the numbers. Those of larger arrays begin at a line of the cache: a vector that lies on two
// takes twice as long to read.
constexpr size_t line = 64, in_front = line - sizeof(size_t);
inline bool is_aligned(size_t size) {
  return size >= 16 * line;
}

inline void* allocate(size_t size) {
  if (!is_aligned(size)) return std::malloc(size + sizeof(size_t));
  auto start = static_cast<char*>(std::aligned_alloc(line, (size + 2 * line - 1) / line * line));
  return start == nullptr ? nullptr : start + in_front;
}

inline void release(void* buffer) {
  if (buffer == nullptr) return;
  bool aligned = is_aligned(*static_cast<size_t*>(buffer));
  std::free(aligned ? static_cast<char*>(buffer) - in_front : buffer);
}

} // namespace mlx::core::rmlx
