// The operations that a file with an exported function may name, each as a call of MLX's public function, which checks
// its arguments. MLX's own importer does not.
#pragma once

#include "array.h"

namespace rmlx {

using Numbers = rust::Slice<const double>;
using Ends = rust::Slice<const size_t>;

// `numbers` holds the fields of the operation's state one behind the other, field i ending before `ends[i]`; `dims` and
// `dtype` are those that the file gives for the first result.
std::unique_ptr<Arrays> apply_primitive(
    rust::Str name, const Arrays& inputs, Numbers numbers, Ends ends, Ints dims, uint8_t dtype, bool gpu);

} // namespace rmlx
