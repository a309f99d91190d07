// What layers and losses are made of, beside the families of ops.table.
#pragma once

#include "ops.h"

namespace rmlx {

Made softmax_along(const Array& x, int32_t axis, bool gpu);
Made logsumexp_along(const Array& x, int32_t axis, bool gpu);
Made pick_along(const Array& x, const Array& indices, int32_t axis, bool gpu);
Made layer_norm(const Array& x, const Array& weight, const Array& bias, float eps, bool gpu);
Made joined_along(const Arrays& xs, int32_t axis, bool gpu);

} // namespace rmlx
