#include "special.h"

namespace rmlx {

Made softmax(const Array& x, Ints axes, bool precise, bool gpu) {
  return wrap(mx::softmax(x, vector_of(axes), precise, device_of(gpu)));
}

// MLX takes the matrix for its own transpose when it differentiates. With a factor of 12, 20 or 28 (`odd`) it is not: it is
// the Kronecker product of that factor's matrix and a symmetric one.
Made hadamard(const Array& x, float scale, int32_t odd, bool gpu) {
  auto place = device_of(gpu);
  if (odd == 1) {
    return wrap(mx::hadamard_transform(x, scale, place));
  }
  auto forward = [=](const Arrays& in) { return Arrays{mx::hadamard_transform(in[0], scale, place)}; };
  auto vjp = [=](const Arrays& in, const Arrays& cotangents, const Arrays&) {
    auto transposed = mx::hadamard_transform(mx::eye(odd, in[0].dtype(), place), 1.0f, place);
    auto g = mx::hadamard_transform(mx::reshape(cotangents[0], {-1, odd, in[0].shape(-1) / odd}, place), scale, place);
    return Arrays{mx::reshape(mx::matmul(transposed, g, place), in[0].shape(), place)};
  };
  return wrap(mx::custom_vjp(forward, vjp)({x})[0]);
}

} // namespace rmlx
