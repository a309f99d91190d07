#include "array.h"

#include <array>

namespace rmlx {

mx::Dtype dtype_of(uint8_t index) {
  static const std::array<mx::Dtype, 14> all = {
      mx::bool_, mx::uint8, mx::uint16, mx::uint32, mx::uint64, mx::int8, mx::int16,
      mx::int32, mx::int64, mx::float16, mx::float32, mx::float64, mx::bfloat16, mx::complex64};
  return all.at(index);
}

std::unique_ptr<Array> clone_array(const Array& x) {
  return wrap(x);
}

// An evaluated array whose buffer is there to be filled. R's layout is the first axis fastest: the strides say so, and
// nothing is ever transposed.
std::unique_ptr<Array> leaf(Ints dims, bool column_major, uint8_t dtype) {
  auto shape = shape_of(dims);
  auto type = dtype_of(dtype);
  mx::array x(shape, type, nullptr, {});
  mx::Strides strides(shape.size(), 1);
  int64_t step = 1;
  size_t wide = 0; // axes with more than one element
  for (size_t i = 0; i < shape.size(); ++i) {
    size_t axis = column_major ? i : shape.size() - 1 - i;
    strides[axis] = step;
    step *= shape[axis];
    wide += shape[axis] > 1;
  }
  bool one_axis = wide <= 1;
  mx::array::Flags flags;
  flags.contiguous = true;
  flags.row_contiguous = !column_major || one_axis;
  flags.col_contiguous = column_major || one_axis;
  size_t size = x.size();
  x.set_data(mx::allocator::malloc(size * x.itemsize()), size, std::move(strides), flags);
  x.set_status(mx::array::Status::available);
  return wrap(std::move(x));
}

std::unique_ptr<Array> scalar(double value, uint8_t dtype) {
  return wrap(mx::array(value, dtype_of(dtype)));
}

rust::Slice<const int32_t> shape(const Array& x) {
  return {x.shape().data(), x.shape().size()};
}

rust::Slice<const int64_t> strides(const Array& x) {
  return {x.strides().data(), x.strides().size()};
}

size_t size(const Array& x) {
  return x.size();
}

uint8_t dtype(const Array& x) {
  return static_cast<uint8_t>(x.dtype().val());
}

bool is_tracer(const Array& x) {
  return x.is_tracer();
}

bool is_evaluated(const Array& x) {
  return x.status() != mx::array::Status::unscheduled;
}

uint8_t* data(const Array& x) {
  return const_cast<uint8_t*>(x.data<uint8_t>());
}

std::unique_ptr<Arrays> arrays_new() {
  return std::make_unique<Arrays>();
}

void arrays_push(Arrays& xs, const Array& x) {
  xs.push_back(x);
}

size_t arrays_len(const Arrays& xs) {
  return xs.size();
}

std::unique_ptr<Array> arrays_get(const Arrays& xs, size_t i) {
  return wrap(xs.at(i));
}

} // namespace rmlx
