// Making and describing arrays. Everything here is fixed signatures over mlx::core, with no logic of its own.
#pragma once

#include <memory>
#include <vector>

#include "mlx/mlx.h"
#include "rust/cxx.h"

namespace rmlx {

namespace mx = mlx::core;
using Array = mx::array;
using Arrays = std::vector<mx::array>;
using Ints = rust::Slice<const int32_t>;

inline std::unique_ptr<Array> wrap(mx::array x) {
  return std::make_unique<Array>(std::move(x));
}

inline mx::Shape shape_of(Ints values) {
  return mx::Shape(values.begin(), values.end());
}

inline std::vector<int> vector_of(Ints values) {
  return std::vector<int>(values.begin(), values.end());
}

inline mx::Device device_of(bool gpu) {
  return gpu ? mx::Device::gpu : mx::Device::cpu;
}

mx::Dtype dtype_of(uint8_t index);

std::unique_ptr<Array> clone_array(const Array& x);
std::unique_ptr<Array> leaf(Ints shape, bool column_major, uint8_t dtype);
std::unique_ptr<Array> scalar(double value, uint8_t dtype);
rust::Slice<const int32_t> shape(const Array& x);
rust::Slice<const int64_t> strides(const Array& x);
size_t size(const Array& x);
uint8_t dtype(const Array& x);
bool is_tracer(const Array& x);
bool is_evaluated(const Array& x);
uint8_t* data(const Array& x);
std::unique_ptr<Arrays> arrays_new();
void arrays_push(Arrays& xs, const Array& x);
size_t arrays_len(const Arrays& xs);
std::unique_ptr<Array> arrays_get(const Arrays& xs, size_t i);

} // namespace rmlx
