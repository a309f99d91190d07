#include "conv.h"

#include "rules.h"

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
  auto place = device_of(gpu);
  auto forward = [=,
                  stride = vector_of(stride),
                  low = vector_of(low),
                  high = vector_of(high),
                  dilation = vector_of(dilation),
                  spread = vector_of(spread)](const Arrays& in) {
    return Arrays{mx::conv_general(in[0], in[1], stride, low, high, dilation, spread, groups, flip, place)};
  };
  return wrap(ruled({forward}, {x, weight})[0]);
}

} // namespace rmlx
