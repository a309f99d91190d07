#include "fft.h"

namespace rmlx {

// Neither direction is scaled.
Made fft(const Array& x, Ints axes, bool inverse, bool gpu) {
  auto over = vector_of(axes);
  auto place = device_of(gpu);
  return wrap(inverse ? mx::fft::ifftn(x, over, mx::fft::FFTNorm::Forward, place)
                      : mx::fft::fftn(x, over, mx::fft::FFTNorm::Backward, place));
}

} // namespace rmlx
