// Operations: the families of ops.table, and those with arguments of their own.
#pragma once

#include "array.h"

namespace rmlx {

using Made = std::unique_ptr<Array>;

Made unary(uint8_t op, const Array& x, bool gpu);
Made binary(uint8_t op, const Array& x, const Array& y, bool gpu);
Made reduce(uint8_t op, const Array& x, Ints axes, bool keepdims, bool gpu);
Made moment(uint8_t op, const Array& x, Ints axes, bool keepdims, int32_t ddof, bool gpu);
Made scan(uint8_t op, const Array& x, int32_t axis, bool reverse, bool inclusive, bool gpu);

Made astype(const Array& x, uint8_t dtype, bool gpu);
Made reshape(const Array& x, Ints shape, bool gpu);
Made transpose(const Array& x, Ints axes, bool gpu);
Made squeeze(const Array& x, Ints axes, bool gpu);
Made broadcast_to(const Array& x, Ints shape, bool gpu);
Made contiguous(const Array& x, bool gpu);
Made select(const Array& condition, const Array& x, const Array& y, bool gpu);
Made round(const Array& x, int32_t decimals, bool gpu);
Made take(const Array& x, const Array& indices, int32_t axis, bool gpu);
Made slice(const Array& x, Ints start, Ints stop, Ints strides, bool gpu);
Made part(const Array& x, bool imaginary, bool gpu);

} // namespace rmlx
