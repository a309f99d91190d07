// Streams: queues of work on a device.
#pragma once

#include "array.h"

namespace rmlx {

int32_t new_stream(bool gpu);
int32_t default_stream(bool gpu);
void set_default_stream(bool gpu, int32_t index);

} // namespace rmlx
