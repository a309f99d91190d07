#include "stream.h"

namespace rmlx {

// The thread of a CPU stream starts with its first task: with one at once, a system that has no room for another thread
// says so here and not in the middle of an evaluation.
int32_t new_stream(bool gpu) {
  auto stream = mx::new_stream(device_of(gpu));
  if (!gpu) mx::synchronize(stream);
  return stream.index;
}

int32_t default_stream(bool gpu) {
  return mx::default_stream(device_of(gpu)).index;
}

void set_default_stream(bool gpu, int32_t index) {
  mx::set_default_stream(mx::Stream(index, device_of(gpu)));
}

} // namespace rmlx
