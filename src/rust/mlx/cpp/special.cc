#include "special.h"

#include "rules.h"

namespace rmlx {

Made softmax(const Array& x, Ints axes, bool precise, bool gpu) {
  return wrap(mx::softmax(x, vector_of(axes), precise, device_of(gpu)));
}

// MLX takes the direction z / |z| for a constant.
static mx::array modulus_of(const mx::array& z, mx::Device place) {
  auto forward = [=](const Arrays& in) { return Arrays{mx::abs(in[0], place)}; };
  auto vjp = [=](const Arrays& in, const Arrays& g, const Arrays&) {
    auto size = modulus_of(in[0], place);
    auto none = mx::equal(size, mx::array(0.0f), place);
    auto direction = mx::divide(in[0], mx::where(none, mx::array(1.0f), size, place), place);
    return Arrays{mx::multiply(g[0], direction, place)};
  };
  auto vmap = on_stacks([=](const Arrays& in) { return Arrays{modulus_of(in[0], place)}; });
  return ruled({forward, vjp, vmap}, {z})[0];
}

Made modulus(const Array& x, bool gpu) { return wrap(modulus_of(x, device_of(gpu))); }

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
  return wrap(ruled({forward, vjp}, {x})[0]);
}

} // namespace rmlx
