#include "conv.h"

namespace rmlx {

Made convolve(
    const Array& x,
    const Array& weight,
    Ints stride,
    Ints low,
    Ints high,
    Ints dilation,
    Ints spread,
    int32_t groups,
    bool flip,
    bool gpu) {
  return wrap(mx::conv_general(
      x,
      weight,
      vector_of(stride),
      vector_of(low),
      vector_of(high),
      vector_of(dilation),
      vector_of(spread),
      groups,
      flip,
      device_of(gpu)));
}

} // namespace rmlx
