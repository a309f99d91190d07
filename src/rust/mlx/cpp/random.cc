#include "random.h"

namespace rmlx {

std::unique_ptr<Array> random_bits(Ints shape, int32_t width, const Array& key, bool gpu) {
  return wrap(mx::random::bits(shape_of(shape), width, key, device_of(gpu)));
}

std::unique_ptr<Array> random_uniform(Ints shape, uint8_t dtype, const Array& key, bool gpu) {
  return wrap(mx::random::uniform(shape_of(shape), dtype_of(dtype), key, device_of(gpu)));
}

std::unique_ptr<Array> random_normal(Ints shape, uint8_t dtype, const Array& key, bool gpu) {
  return wrap(mx::random::normal(shape_of(shape), dtype_of(dtype), std::nullopt, std::nullopt, key, device_of(gpu)));
}

std::unique_ptr<Array> random_categorical(const Array& logits, int32_t axis, int32_t samples, const Array& key, bool gpu) {
  return wrap(mx::random::categorical(logits, axis, samples, key, device_of(gpu)));
}

std::unique_ptr<Array> random_search(const Array& sums, const Array& values, bool gpu) {
  return wrap(mx::searchsorted(sums, values, "right", device_of(gpu)));
}

} // namespace rmlx
