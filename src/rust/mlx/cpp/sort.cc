#include "sort.h"

#include "mlx/transforms_impl.h"

namespace rmlx {

Made sort(const Array& x, int32_t axis, bool gpu) {
  return wrap(mx::sort(x, axis, device_of(gpu)));
}

Made argsort(const Array& x, int32_t axis, bool gpu) {
  return wrap(mx::argsort(x, axis, device_of(gpu)));
}

Made partition(const Array& x, int32_t kth, int32_t axis, bool gpu) {
  return wrap(mx::partition(x, kth, axis, device_of(gpu)));
}

Made argpartition(const Array& x, int32_t kth, int32_t axis, bool gpu) {
  return wrap(mx::argpartition(x, kth, axis, device_of(gpu)));
}

Made arg_extreme(const Array& x, int32_t axis, bool keepdims, bool greatest, bool gpu) {
  auto place = device_of(gpu);
  return wrap(greatest ? mx::argmax(x, axis, keepdims, place) : mx::argmin(x, axis, keepdims, place));
}

// Our CPU kernels do (build/edits/). An exported function runs on those of others.
bool extremes_pass_over_nan(bool gpu) {
#ifdef MLX_STATIC
  return !gpu && !mx::detail::in_export_tracing();
#else
  return false;
#endif
}

} // namespace rmlx
