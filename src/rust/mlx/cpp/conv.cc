#include "conv.h"

#include <numeric>

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

Made pad_zeros(const Array& x, Ints low, Ints high, bool gpu) {
  std::vector<int> axes(x.ndim());
  std::iota(axes.begin(), axes.end(), 0);
  return wrap(mx::pad(x, axes, shape_of(low), shape_of(high), mx::array(0, x.dtype()), "constant", device_of(gpu)));
}

} // namespace rmlx
