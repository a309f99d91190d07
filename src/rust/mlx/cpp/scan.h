// Running totals with derivatives of any order.
#pragma once

#include "ops.h"

namespace rmlx {

Made running_product(const Array& x, int32_t axis, bool reverse, bool inclusive, bool gpu);
Made running_logsum(const Array& x, int32_t axis, bool reverse, bool inclusive, bool gpu);

} // namespace rmlx
