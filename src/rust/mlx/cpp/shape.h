// Operations on the shape of arrays: joining, parting, padding.
#pragma once

#include "array.h"

namespace rmlx {

std::unique_ptr<Array> expand_dims(const Array& x, Ints axes, bool gpu);
std::unique_ptr<Array> concatenate(const Arrays& xs, int32_t axis, bool gpu);
std::unique_ptr<Array> pad(const Array& x, Ints axes, Ints low, Ints high, const Array& value, bool gpu);
std::unique_ptr<Array> diagonal(const Array& x, int32_t offset, int32_t axis1, int32_t axis2, bool gpu);
std::unique_ptr<Array> indices(int32_t n, bool gpu);

} // namespace rmlx
