// Arrays that are not to be used before others are computed.
#pragma once

#include "array.h"

namespace rmlx {

Arrays after(const Arrays& xs, const Arrays& others);
std::unique_ptr<Arrays> depends(const Arrays& xs, const Arrays& others);

} // namespace rmlx
