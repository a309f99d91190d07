#include "index.h"

namespace rmlx {

Made slice_update(const Array& x, const Array& update, Ints start, Ints stop, Ints strides, bool gpu) {
  return wrap(mx::slice_update(x, update, shape_of(start), shape_of(stop), shape_of(strides), device_of(gpu)));
}

// Single elements along the axes: they stay in the result with length 1, after those of the indices.
Made gather(const Array& x, const Arrays& indices, Ints axes, bool gpu) {
  auto sizes = x.shape();
  for (auto axis : axes) {
    sizes[axis] = 1;
  }
  return wrap(mx::gather(x, indices, vector_of(axes), sizes, device_of(gpu)));
}

Made take_along_axis(const Array& x, const Array& indices, int32_t axis, bool gpu) {
  return wrap(mx::take_along_axis(x, indices, axis, device_of(gpu)));
}

Made put_along_axis(const Array& x, const Array& indices, const Array& values, int32_t axis, bool add, bool gpu) {
  auto place = device_of(gpu);
  return wrap(
      add ? mx::scatter_add_axis(x, indices, values, axis, place) : mx::put_along_axis(x, indices, values, axis, place));
}

} // namespace rmlx
