// Reading and writing parts of arrays.
#pragma once

#include <functional>

#include "ops.h"

namespace rmlx {

// What `read` takes from its first argument at the places in the others.
mx::array gathered(const mx::array& x, const Arrays& places, std::function<mx::array(const Arrays&)> read);

Made slice_update(const Array& x, const Array& update, Ints start, Ints stop, Ints strides, bool gpu);
Made gather(const Array& x, const Arrays& indices, Ints axes, bool gpu);
Made take_along_axis(const Array& x, const Array& indices, int32_t axis, bool gpu);
Made put_along_axis(const Array& x, const Array& indices, const Array& values, int32_t axis, bool add, bool gpu);

} // namespace rmlx
