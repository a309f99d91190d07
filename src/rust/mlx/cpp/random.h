// Random arrays: each is drawn with a key, an array of two 32-bit words.
#pragma once

#include "array.h"

namespace rmlx {

std::unique_ptr<Array> random_bits(Ints shape, int32_t width, const Array& key, bool gpu);
std::unique_ptr<Array> random_uniform(Ints shape, uint8_t dtype, const Array& key, bool gpu);
std::unique_ptr<Array> random_normal(Ints shape, uint8_t dtype, const Array& key, bool gpu);
std::unique_ptr<Array> random_categorical(const Array& logits, int32_t axis, int32_t samples, const Array& key, bool gpu);
std::unique_ptr<Array> random_search(const Array& sums, const Array& values, bool gpu);

} // namespace rmlx
