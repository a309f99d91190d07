// Sorting and selection along one axis.
#pragma once

#include "ops.h"

namespace rmlx {

Made sort(const Array& x, int32_t axis, bool gpu);
Made argsort(const Array& x, int32_t axis, bool gpu);
Made partition(const Array& x, int32_t kth, int32_t axis, bool gpu);
Made argpartition(const Array& x, int32_t kth, int32_t axis, bool gpu);
Made arg_extreme(const Array& x, int32_t axis, bool keepdims, bool greatest, bool gpu);
bool extremes_pass_over_nan(bool gpu);

} // namespace rmlx
