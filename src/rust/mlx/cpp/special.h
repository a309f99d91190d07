// Functions of one array that are no family's: softmax and the Hadamard transform.
#pragma once

#include "ops.h"

namespace rmlx {

Made softmax(const Array& x, Ints axes, bool precise, bool gpu);
// The modulus of complex numbers, as a factor in derivatives of any order.
Made modulus(const Array& x, bool gpu);
Made hadamard(const Array& x, float scale, int32_t odd, bool gpu);

} // namespace rmlx
