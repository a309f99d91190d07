// What layers and losses are made of, beside the families of ops.table.
#pragma once

#include "ops.h"

namespace rmlx {

Made layer_norm(const Array& x, const Array& weight, const Array& bias, float eps, bool gpu);

} // namespace rmlx
