// Reading and writing parts of arrays.
#pragma once

#include "ops.h"

namespace rmlx {

Made slice_update(const Array& x, const Array& update, Ints start, Ints stop, Ints strides, bool gpu);
Made gather(const Array& x, const Arrays& indices, Ints axes, bool gpu);
Made take_along_axis(const Array& x, const Array& indices, int32_t axis, bool gpu);
Made put_along_axis(const Array& x, const Array& indices, const Array& values, int32_t axis, bool add, bool gpu);

} // namespace rmlx
