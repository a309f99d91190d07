#include "index.h"

#include "rules.h"

namespace rmlx {

using Read = std::function<mx::array(const Arrays&)>;

static Arrays with(const mx::array& x, const Arrays& places) {
  Arrays all{x};
  all.insert(all.end(), places.begin(), places.end());
  return all;
}

static Arrays places_of(const Arrays& in) { return Arrays(in.begin() + 1, in.end()); }

static Arrays with_zeros(const mx::array& x, const Arrays& places) {
  Arrays all{x};
  for (auto& at : places) all.push_back(mx::zeros_like(at));
  return all;
}

// Adds the elements of `x` where `read` would take them from an array of this shape.
static mx::array scattered(const mx::array& x, const Arrays& places, const mx::Shape& shape, Read read) {
  auto forward = [=](const Arrays& in) {
    auto taken = [&](const Arrays& xs) { return Arrays{read(with(xs[0], places_of(in)))}; };
    return mx::vjp(taken, {mx::zeros(shape, in[0].dtype())}, {in_front(in[0])}).second;
  };
  auto vjp = [=](const Arrays& in, const Arrays& g, const Arrays&) {
    return with_zeros(gathered(g[0], places_of(in), read), places_of(in));
  };
  return ruled({forward, vjp}, with(x, places))[0];
}

// The derivative of Gather is a Scatter, which MLX vectorises only where the parts lie along the first axis.
mx::array gathered(const mx::array& x, const Arrays& places, Read read) {
  auto forward = [=](const Arrays& in) { return Arrays{read(with(in_front(in[0]), places_of(in)))}; };
  auto vjp = [=](const Arrays& in, const Arrays& g, const Arrays&) {
    return with_zeros(scattered(g[0], places_of(in), in[0].shape(), read), places_of(in));
  };
  return ruled({forward, vjp}, with(x, places))[0];
}

struct Window {
  mx::Shape start, stop, strides;
  mx::Device place;

  mx::array of(const mx::array& x) const { return mx::slice(x, start, stop, strides, place); }
  Window stacked(int count) const;
};

static mx::Shape after(int first, const mx::Shape& rest) {
  mx::Shape shape{first};
  for (auto value : rest) shape.push_back(value);
  return shape;
}

Window Window::stacked(int count) const { return {after(0, start), after(count, stop), after(1, strides), place}; }

// MLX does not repeat the update when only the array is taken apart.
static mx::array updated(const mx::array& x, const mx::array& update, const Window& window) {
  auto forward = [=](const Arrays& in) {
    return Arrays{mx::slice_update(in[0], in[1], window.start, window.stop, window.strides, window.place)};
  };
  auto vjp = [=](const Arrays& in, const Arrays& g, const Arrays&) {
    return Arrays{updated(g[0], mx::zeros_like(in[1], window.place), window), window.of(g[0])};
  };
  auto vmap = on_stacks([=](const Arrays& in) { return Arrays{updated(in[0], in[1], window.stacked(in[0].shape(0)))}; });
  return ruled({forward, vjp, vmap}, {x, update})[0];
}

Made slice_update(const Array& x, const Array& update, Ints start, Ints stop, Ints strides, bool gpu) {
  Window window{shape_of(start), shape_of(stop), shape_of(strides), device_of(gpu)};
  auto whole = mx::astype(update, x.dtype(), window.place);
  return wrap(updated(x, mx::broadcast_to(whole, window.of(x).shape(), window.place), window));
}

// Single elements along the axes: they stay in the result with length 1, after those of the indices.
Made gather(const Array& x, const Arrays& indices, Ints axes, bool gpu) {
  auto sizes = x.shape();
  for (auto axis : axes) {
    sizes[axis] = 1;
  }
  auto read = [over = vector_of(axes), sizes, place = device_of(gpu)](const Arrays& in) {
    return mx::gather(in[0], Arrays(in.begin() + 1, in.end()), over, sizes, place);
  };
  return wrap(gathered(x, indices, read));
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
