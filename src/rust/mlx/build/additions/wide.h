// Eight numbers at a time: the layer `Simd<T, N>` of MLX's CPU kernels for x86-64 with AVX2, FMA and F16C. Copied into the
// private copy of MLX's source as mlx/backend/cpu/simd/wide.h; simd/type.h includes it in a wide build (RMLX_WIDE), and so do
// the kernels of compiled functions, which is why it needs no header of intrinsics.
//
// Vectors are GCC's vector extensions (clang knows them too). A truth value is a lane of all ones or all zeros, as wide as
// the lanes it was compared in: `Simd<bool, N>` fills 32 bytes. Half-precision lanes are stored as their bits, computed on
// as float32, and rounded after each operation, as MLX does for one number.
#pragma once

#include <limits>
#include <type_traits>

#include "mlx/backend/cpu/simd/base_simd.h"

#if defined(__has_include) && __has_include(<features.h>)
#include <features.h>
#endif
#if defined(__GLIBC_PREREQ)
#if __GLIBC_PREREQ(2, 35)
#define RMLX_LIBMVEC
#endif
#endif

namespace mlx::core::simd {

template <> inline constexpr int max_size<float> = 8;
template <> inline constexpr int max_size<double> = 4;
template <> inline constexpr int max_size<int8_t> = 32;
template <> inline constexpr int max_size<uint8_t> = 32;
template <> inline constexpr int max_size<int16_t> = 16;
template <> inline constexpr int max_size<uint16_t> = 16;
template <> inline constexpr int max_size<int32_t> = 8;
template <> inline constexpr int max_size<uint32_t> = 8;
template <> inline constexpr int max_size<int64_t> = 4;
template <> inline constexpr int max_size<uint64_t> = 4;
template <> inline constexpr int max_size<float16_t> = 8;
template <> inline constexpr int max_size<bfloat16_t> = 8;

namespace wide {

template <typename T>
constexpr bool is_half = std::is_same_v<T, float16_t> || std::is_same_v<T, bfloat16_t>;
template <typename T>
constexpr bool is_bool = std::is_same_v<T, bool>;

// A vector of N numbers; wherever it lies in memory, and whatever that memory holds.
template <typename T, int N>
struct Vector {
  typedef T type __attribute__((vector_size(N * sizeof(T)), aligned(alignof(T)), may_alias));
};
template <typename T, int N>
using vector = typename Vector<T, N>::type;

// The integer that is as wide as a number.
template <int bytes>
struct Integer;
template <> struct Integer<1> { using type = int8_t; };
template <> struct Integer<2> { using type = int16_t; };
template <> struct Integer<4> { using type = int32_t; };
template <> struct Integer<8> { using type = int64_t; };

// How the lanes of Simd<T, N> are stored.
template <typename T, int N>
struct Lane { using type = std::conditional_t<is_half<T>, uint16_t, T>; };
template <int N>
struct Lane<bool, N> { using type = typename Integer<N >= 32 ? 1 : 32 / N>::type; };
template <typename T, int N>
using lane = typename Lane<T, N>::type;

// The vector of truth values for comparing Vs.
template <typename V>
using mask_of = decltype(V{} == V{});

template <typename To, typename From>
To convert(From x) {
  if constexpr (std::is_same_v<To, From>) {
    return x;
  } else {
    return __builtin_convertvector(x, To);
  }
}

template <typename V, typename M>
V blend(M mask, V x, V y) {
  return convert<mask_of<V>>(mask) ? x : y;
}

template <int N>
vector<float, N> widen(vector<uint16_t, N> bits, float16_t) {
  if constexpr (N == 8) {
    return __builtin_ia32_vcvtph2ps256((vector<int16_t, 8>)bits);
  } else {
    vector<float, N> x;
    for (int i = 0; i < N; ++i) x[i] = static_cast<float>(__builtin_bit_cast(float16_t, uint16_t(bits[i])));
    return x;
  }
}

template <int N>
vector<float, N> widen(vector<uint16_t, N> bits, bfloat16_t) {
  return (vector<float, N>)(convert<vector<uint32_t, N>>(bits) << 16);
}

template <int N>
vector<uint16_t, N> narrow(vector<float, N> x, float16_t) {
  if constexpr (N == 8) {
    return (vector<uint16_t, 8>)__builtin_ia32_vcvtps2ph256(x, 0);
  } else {
    vector<uint16_t, N> bits;
    for (int i = 0; i < N; ++i) bits[i] = __builtin_bit_cast(uint16_t, float16_t(x[i]));
    return bits;
  }
}

// To the nearest number, ties to the even one; NaN as MLX has it.
template <int N>
vector<uint16_t, N> narrow(vector<float, N> x, bfloat16_t) {
  auto bits = (vector<uint32_t, N>)x;
  auto rounded = (bits + (((bits >> 16) & 1) + 0x7FFF)) >> 16;
  auto nan = __builtin_bit_cast(uint16_t, bfloat16_t(std::numeric_limits<float>::quiet_NaN()));
  return convert<vector<uint16_t, N>>(blend(x != x, vector<uint32_t, N>{} + nan, rounded));
}

// From float to uint32 as the processor converts one number: through int64, of which the lower half is kept.
template <int N>
vector<uint32_t, N> to_unsigned(vector<float, N> x) {
  constexpr float half = 2147483648.0f;
  auto large = x >= half;
  auto low = convert<vector<int32_t, N>>(blend(large, x - half, x));
  return (vector<uint32_t, N>)(low ^ (large << 31));
}

} // namespace wide

template <typename T, int N>
struct Simd {
  static constexpr int size = N;
  using vector = wide::vector<wide::lane<T, N>, N>;
  vector value;

  Simd() {}
  Simd(vector v) : value(v) {}

  // x - 0 is x, where x + 0 would lose the sign of -0
  template <typename U, typename = std::enable_if_t<std::is_arithmetic_v<U> || wide::is_half<U>>>
  Simd(U x) {
    wide::lane<T, N> one;
    if constexpr (wide::is_half<T>) {
      one = __builtin_bit_cast(uint16_t, static_cast<T>(static_cast<float>(x)));
    } else if constexpr (wide::is_bool<T>) {
      one = x ? -1 : 0;
    } else {
      one = static_cast<T>(x);
    }
    value = one - vector{};
  }

  template <typename U, typename = std::enable_if_t<!std::is_same_v<T, U>>>
  Simd(Simd<U, N> x) {
    using lane = wide::lane<T, N>;
    if constexpr (wide::is_half<U>) {
      value = Simd(Simd<float, N>(wide::widen<N>(x.value, U{}))).value;
    } else if constexpr (wide::is_half<T>) {
      value = wide::narrow<N>(Simd<float, N>(x).value, T{});
    } else if constexpr (wide::is_bool<T>) {
      value = wide::convert<vector>(x.value != 0);
    } else if constexpr (wide::is_bool<U>) {
      value = wide::convert<vector>(x.value & 1);
    } else if constexpr (std::is_same_v<U, float> && std::is_same_v<T, uint32_t>) {
      value = wide::to_unsigned<N>(x.value);
    } else if constexpr (sizeof(lane) == sizeof(U) && std::is_integral_v<T> && std::is_integral_v<U>) {
      value = (vector)x.value;
    } else {
      value = wide::convert<vector>(x.value);
    }
  }

  Simd(Simd<T, N / 2> x, Simd<T, N / 2> y) {
    for (int i = 0; i < N / 2; ++i) value[i] = x.value[i], value[i + N / 2] = y.value[i];
  }

  T operator[](int i) const {
    return reinterpret_cast<const T*>(&value)[i];
  }
  T& operator[](int i) {
    return reinterpret_cast<T*>(&value)[i];
  }

  // A truth value in memory is one byte, 0 or 1.
  static Simd load(const bool* x) {
    return wide::convert<vector>(*(const wide::vector<int8_t, N>*)x != 0);
  }
  void store(bool* x) const {
    *(wide::vector<int8_t, N>*)x = wide::convert<wide::vector<int8_t, N>>(value) & 1;
  }
};

namespace wide {

template <int N>
using Float = Simd<float, N>;

// What a T is computed as.
template <typename T>
using computed = std::conditional_t<is_half<T>, float, T>;

// The type of `x + y`.
template <typename T, typename U>
struct Common {
  static constexpr bool second = (is_bool<T> && !is_bool<U>) || (is_half<T> && std::is_floating_point_v<U>);
  using type = std::conditional_t<is_half<T> && is_half<U> && !std::is_same_v<T, U>, float, std::conditional_t<second, U, T>>;
};
template <typename T, typename U>
using common = typename Common<T, U>::type;

template <typename T>
constexpr bool is_number = std::is_arithmetic_v<T> || is_half<T>;

// A function of one number for all of them.
template <typename T, int N, typename F>
Simd<T, N> each(Simd<T, N> x, F f) {
  Simd<computed<T>, N> result(x);
  for (int i = 0; i < N; ++i) result.value[i] = f(result.value[i]);
  return result;
}
template <typename T, int N, typename F>
Simd<T, N> each(Simd<T, N> x, Simd<T, N> y, F f) {
  Simd<computed<T>, N> result(x), second(y);
  for (int i = 0; i < N; ++i) result.value[i] = f(result.value[i], second.value[i]);
  return result;
}

} // namespace wide

// --- arithmetic ------------------------------------------------------------------------------------------------------

// `op` of two vectors, and of a vector and a number on either side.
#define RMLX_BOTH_SIDES(RESULT, name)                                                                                   \
  template <typename T, int N, typename U, typename = std::enable_if_t<(N > 1) && wide::is_number<U>>>                  \
  auto name(Simd<T, N> x, U y) {                                                                                        \
    return name(x, Simd<RESULT, N>(y));                                                                                 \
  }                                                                                                                     \
  template <typename U, typename T, int N, typename = std::enable_if_t<(N > 1) && wide::is_number<U>>>                  \
  auto name(U x, Simd<T, N> y) {                                                                                        \
    return name(Simd<RESULT, N>(x), y);                                                                                 \
  }

// beside a vector of halves a float makes the result one of floats; else a number takes the vector's type
#define RMLX_NUMBER_TYPE \
  std::conditional_t<wide::is_half<T> && std::is_floating_point_v<U>, float, std::conditional_t<wide::is_bool<T>, U, T>>

#define RMLX_ARITHMETIC(OP)                                                                                             \
  template <typename T, typename U, int N, typename = std::enable_if_t<(N > 1)>>                                        \
  Simd<wide::common<T, U>, N> operator OP(Simd<T, N> x, Simd<U, N> y) {                                                 \
    using C = wide::computed<wide::common<T, U>>;                                                                       \
    if constexpr (wide::is_bool<C>) {                                                                                   \
      return Simd<C, N>(Simd<int, N>(x) OP Simd<int, N>(y));                                                            \
    } else {                                                                                                            \
      return Simd<C, N>(Simd<C, N>(x).value OP Simd<C, N>(y).value);                                                    \
    }                                                                                                                   \
  }                                                                                                                     \
  RMLX_BOTH_SIDES(RMLX_NUMBER_TYPE, operator OP)

RMLX_ARITHMETIC(+)
RMLX_ARITHMETIC(-)
RMLX_ARITHMETIC(*)
RMLX_ARITHMETIC(/)

#define RMLX_BITWISE(OP)                                                                                                \
  template <typename T, typename U, int N, typename = std::enable_if_t<(N > 1)>>                                        \
  Simd<wide::common<T, U>, N> operator OP(Simd<T, N> x, Simd<U, N> y) {                                                 \
    using C = wide::common<T, U>;                                                                                       \
    return Simd<C, N>(Simd<C, N>(x).value OP Simd<C, N>(y).value);                                                      \
  }                                                                                                                     \
  RMLX_BOTH_SIDES(T, operator OP)

RMLX_BITWISE(&)
RMLX_BITWISE(|)
RMLX_BITWISE(^)

// As the processor shifts one number: by the distance modulo its width.
#define RMLX_SHIFT(OP)                                                                                                  \
  template <typename T, typename U, int N, typename = std::enable_if_t<(N > 1)>>                                        \
  Simd<T, N> operator OP(Simd<T, N> x, Simd<U, N> y) {                                                                  \
    constexpr int most = sizeof(T) == 8 ? 63 : 31;                                                                      \
    auto by = Simd<T, N>(y).value & most;                                                                               \
    if constexpr (sizeof(T) < 4) {                                                                                      \
      using Wide = std::conditional_t<std::is_signed_v<T>, int32_t, uint32_t>;                                          \
      using W = wide::vector<Wide, N>;                                                                                  \
      return Simd<T, N>(wide::convert<decltype(by)>(wide::convert<W>(x.value) OP wide::convert<W>(by)));                \
    } else {                                                                                                            \
      return Simd<T, N>(x.value OP by);                                                                                 \
    }                                                                                                                   \
  }                                                                                                                     \
  RMLX_BOTH_SIDES(T, operator OP)

RMLX_SHIFT(<<)
RMLX_SHIFT(>>)

#define RMLX_COMPARISON(OP)                                                                                             \
  template <typename T, typename U, int N, typename = std::enable_if_t<(N > 1)>>                                        \
  Simd<bool, N> operator OP(Simd<T, N> x, Simd<U, N> y) {                                                               \
    using C = wide::computed<wide::common<T, U>>;                                                                       \
    using Mask = typename Simd<bool, N>::vector;                                                                        \
    if constexpr (wide::is_bool<C>) {                                                                                   \
      return Simd<bool, N>(wide::convert<Mask>((x.value & 1) OP (y.value & 1)));                                        \
    } else {                                                                                                            \
      return Simd<bool, N>(wide::convert<Mask>(Simd<C, N>(x).value OP Simd<C, N>(y).value));                            \
    }                                                                                                                   \
  }                                                                                                                     \
  RMLX_BOTH_SIDES(RMLX_NUMBER_TYPE, operator OP)

RMLX_COMPARISON(==)
RMLX_COMPARISON(!=)
RMLX_COMPARISON(<)
RMLX_COMPARISON(<=)
RMLX_COMPARISON(>)
RMLX_COMPARISON(>=)

#define RMLX_LOGICAL(OP, BITWISE)                                                                                       \
  template <typename T, typename U, int N, typename = std::enable_if_t<(N > 1)>>                                        \
  Simd<bool, N> operator OP(Simd<T, N> x, Simd<U, N> y) {                                                               \
    return Simd<bool, N>(Simd<bool, N>(x).value BITWISE Simd<bool, N>(y).value);                                        \
  }                                                                                                                     \
  RMLX_BOTH_SIDES(bool, operator OP)

RMLX_LOGICAL(&&, &)
RMLX_LOGICAL(||, |)

#undef RMLX_ARITHMETIC
#undef RMLX_BITWISE
#undef RMLX_SHIFT
#undef RMLX_COMPARISON
#undef RMLX_LOGICAL
#undef RMLX_BOTH_SIDES
#undef RMLX_NUMBER_TYPE

#define RMLX_WIDER template <typename T, int N, typename = std::enable_if_t<(N > 1)>>

RMLX_WIDER Simd<T, N> operator-(Simd<T, N> x) {
  if constexpr (wide::is_half<T>) {
    return Simd<T, N>(x.value ^ 0x8000);
  } else {
    return Simd<T, N>(-x.value);
  }
}
RMLX_WIDER Simd<T, N> operator~(Simd<T, N> x) {
  return Simd<T, N>(~x.value);
}
RMLX_WIDER Simd<bool, N> operator!(Simd<T, N> x) {
  return Simd<bool, N>(~Simd<bool, N>(x).value);
}
RMLX_WIDER Simd<bool, N> isnan(Simd<T, N> x) {
  return x != x;
}

template <typename MaskT, typename T, typename U, int N, typename = std::enable_if_t<(N > 1)>>
Simd<wide::common<T, U>, N> select(Simd<MaskT, N> mask, Simd<T, N> x, Simd<U, N> y) {
  using C = wide::common<T, U>;
  return Simd<C, N>(wide::blend(Simd<bool, N>(mask).value, Simd<C, N>(x).value, Simd<C, N>(y).value));
}

RMLX_WIDER Simd<T, N> maximum(Simd<T, N> x, Simd<T, N> y) {
  if constexpr (std::is_integral_v<T>) {
    return select(x > y, x, y);
  } else {
    return select(isnan(x) || x > y, x, y);
  }
}
RMLX_WIDER Simd<T, N> minimum(Simd<T, N> x, Simd<T, N> y) {
  if constexpr (std::is_integral_v<T>) {
    return select(x < y, x, y);
  } else {
    return select(isnan(x) || x < y, x, y);
  }
}
RMLX_WIDER Simd<T, N> clamp(Simd<T, N> x, Simd<T, N> low, Simd<T, N> high) {
  return select(x < low, low, select(x > high, high, x));
}

// In one expression, so that the compiler makes one instruction of it.
template <typename T, typename U, int N, typename = std::enable_if_t<(N > 1)>>
Simd<T, N> fma(Simd<T, N> x, Simd<T, N> y, U z) {
  using C = wide::computed<T>;
  return Simd<C, N>(Simd<C, N>(x).value * Simd<C, N>(y).value + Simd<C, N>(z).value);
}

// --- functions -------------------------------------------------------------------------------------------------------

namespace wide {

enum { nearest = 8, down = 9, up = 10 }; // for the processor's rounding, which raises no flag

template <int mode, typename T, int N>
Simd<T, N> round(Simd<T, N> x) {
  if constexpr (std::is_integral_v<T>) {
    return x;
  } else if constexpr (is_half<T>) {
    return round<mode>(Float<N>(x));
  } else if constexpr (sizeof(x) == 32 && std::is_same_v<T, float>) {
    return Simd<T, N>((vector<T, N>)__builtin_ia32_roundps256(x.value, mode));
  } else if constexpr (sizeof(x) == 32) {
    return Simd<T, N>((vector<T, N>)__builtin_ia32_roundpd256(x.value, mode));
  } else {
    return each(x, [](auto v) { return mode == nearest ? std::rint(v) : mode == up ? std::ceil(v) : std::floor(v); });
  }
}

} // namespace wide

RMLX_WIDER Simd<T, N> floor(Simd<T, N> x) {
  return wide::round<wide::down>(x);
}
RMLX_WIDER Simd<T, N> ceil(Simd<T, N> x) {
  return wide::round<wide::up>(x);
}
RMLX_WIDER Simd<T, N> rint(Simd<T, N> x) {
  return wide::round<wide::nearest>(x);
}
RMLX_WIDER Simd<T, N> abs(Simd<T, N> x) {
  if constexpr (std::is_unsigned_v<T>) {
    return x;
  } else if constexpr (wide::is_half<T>) {
    return Simd<T, N>(x.value & 0x7FFF);
  } else if constexpr (std::is_integral_v<T>) {
    return select(x < T(0), -x, x);
  } else {
    using Bits = typename wide::Integer<sizeof(T)>::type;
    using V = typename Simd<T, N>::vector;
    return Simd<T, N>((V)((wide::vector<Bits, N>)x.value & std::numeric_limits<Bits>::max()));
  }
}
RMLX_WIDER Simd<T, N> sqrt(Simd<T, N> x) {
  if constexpr (wide::is_half<T>) {
    return sqrt(wide::Float<N>(x));
#if defined(__clang__)
  } else if constexpr (std::is_floating_point_v<T>) {
    return Simd<T, N>(__builtin_elementwise_sqrt(x.value));
#else
  } else if constexpr (sizeof(x) == 32 && std::is_same_v<T, float>) {
    return Simd<T, N>((wide::vector<T, N>)__builtin_ia32_sqrtps256(x.value));
  } else if constexpr (sizeof(x) == 32 && std::is_same_v<T, double>) {
    return Simd<T, N>((wide::vector<T, N>)__builtin_ia32_sqrtpd256(x.value));
#endif
  } else {
    return wide::each(x, [](auto v) { return std::sqrt(v); });
  }
}
RMLX_WIDER Simd<T, N> rsqrt(Simd<T, N> x) {
  return T(1.0f) / sqrt(x);
}
RMLX_WIDER Simd<T, N> recip(Simd<T, N> x) {
  return T(1.0f) / x;
}

#ifdef RMLX_LIBMVEC
typedef float rmlx_floats __attribute__((vector_size(32)));
typedef double rmlx_doubles __attribute__((vector_size(32)));
#define RMLX_DECLARE(name)                          \
  extern "C" rmlx_floats _ZGVdN8v_##name##f(rmlx_floats); \
  extern "C" rmlx_doubles _ZGVdN4v_##name(rmlx_doubles);
#define RMLX_DECLARE2(name)                                            \
  extern "C" rmlx_floats _ZGVdN8vv_##name##f(rmlx_floats, rmlx_floats); \
  extern "C" rmlx_doubles _ZGVdN4vv_##name(rmlx_doubles, rmlx_doubles);
#define RMLX_IN_VECTORS(name, shape, ...)                                    \
  else if constexpr (std::is_same_v<T, float> && N == 8) {                  \
    return Simd<T, N>((wide::vector<T, N>)_ZGVdN8##shape##_##name##f(__VA_ARGS__)); \
  }                                                                          \
  else if constexpr (std::is_same_v<T, double> && N == 4) {                 \
    return Simd<T, N>((wide::vector<T, N>)_ZGVdN4##shape##_##name(__VA_ARGS__));    \
  }
#else
#define RMLX_DECLARE(name)
#define RMLX_DECLARE2(name)
#define RMLX_IN_VECTORS(name, shape, ...)
#endif

// A function of the C library for vectors (glibc's libmvec) where there is one. One number is computed like a lane, so that a
// result does not depend on where in an array a number lies.
#define RMLX_FUNCTION(name)                                                                   \
  RMLX_DECLARE(name)                                                                          \
  RMLX_WIDER Simd<T, N> name(Simd<T, N> x) {                                                  \
    if constexpr (wide::is_half<T>) {                                                         \
      return name(wide::Float<N>(x));                                                         \
    }                                                                                         \
    RMLX_IN_VECTORS(name, v, x.value)                                                         \
    else {                                                                                    \
      return wide::each(x, [](auto v) { return static_cast<decltype(v)>(std::name(v)); });    \
    }                                                                                         \
  }                                                                                           \
  inline Simd<float, 1> name(Simd<float, 1> x) {                                              \
    return name(Simd<float, 8>(x.value))[0];                                                  \
  }                                                                                           \
  inline Simd<double, 1> name(Simd<double, 1> x) {                                            \
    return name(Simd<double, 4>(x.value))[0];                                                 \
  }                                                                                           \
  inline Simd<float16_t, 1> name(Simd<float16_t, 1> x) {                                      \
    return Simd<float16_t, 1>(static_cast<float16_t>(name(Simd<float, 1>(static_cast<float>(x.value))).value)); \
  }                                                                                           \
  inline Simd<bfloat16_t, 1> name(Simd<bfloat16_t, 1> x) {                                    \
    return Simd<bfloat16_t, 1>(static_cast<bfloat16_t>(name(Simd<float, 1>(static_cast<float>(x.value))).value)); \
  }

RMLX_FUNCTION(acos)
RMLX_FUNCTION(acosh)
RMLX_FUNCTION(asin)
RMLX_FUNCTION(asinh)
RMLX_FUNCTION(atan)
RMLX_FUNCTION(atanh)
RMLX_FUNCTION(cosh)
RMLX_FUNCTION(expm1)
RMLX_FUNCTION(log)
RMLX_FUNCTION(log10)
RMLX_FUNCTION(log1p)
RMLX_FUNCTION(log2)
RMLX_FUNCTION(sinh)
RMLX_FUNCTION(tan)
RMLX_FUNCTION(tanh)

#define RMLX_FUNCTION2(name)                                                                            \
  RMLX_DECLARE2(name)                                                                                   \
  template <typename T, int N, typename = std::enable_if_t<(N > 1) && !std::is_integral_v<T>>>          \
  Simd<T, N> name(Simd<T, N> x, Simd<T, N> y) {                                                         \
    if constexpr (wide::is_half<T>) {                                                                   \
      return name(wide::Float<N>(x), wide::Float<N>(y));                                                \
    }                                                                                                   \
    RMLX_IN_VECTORS(name, vv, x.value, y.value)                                                         \
    else {                                                                                              \
      return wide::each(x, y, [](auto v, auto w) { return static_cast<decltype(v)>(std::name(v, w)); }); \
    }                                                                                                   \
  }                                                                                                     \
  inline Simd<float, 1> name(Simd<float, 1> x, Simd<float, 1> y) {                                      \
    return name(Simd<float, 8>(x.value), Simd<float, 8>(y.value))[0];                                   \
  }                                                                                                     \
  inline Simd<double, 1> name(Simd<double, 1> x, Simd<double, 1> y) {                                   \
    return name(Simd<double, 4>(x.value), Simd<double, 4>(y.value))[0];                                 \
  }

RMLX_FUNCTION2(atan2)
RMLX_FUNCTION2(pow)

// The functions that math.h computes by polynomials in single precision, for doubles.
#define RMLX_DOUBLE(name)                                                             \
  RMLX_DECLARE(name)                                                                  \
  template <int N>                                                                    \
  Simd<double, N> name##_double(Simd<double, N> x) {                                  \
    using T = double;                                                                 \
    if constexpr (N == 1) {                                                           \
      return name##_double(Simd<double, 4>(x.value))[0];                              \
    }                                                                                 \
    RMLX_IN_VECTORS(name, v, x.value)                                                 \
    else {                                                                            \
      return wide::each(x, [](double v) { return std::name(v); });                    \
    }                                                                                 \
  }

RMLX_DOUBLE(exp)
RMLX_DOUBLE(sin)
RMLX_DOUBLE(cos)
RMLX_DOUBLE(erf)

// Whole numbers to a whole power; to a negative one 0, as for one number.
template <typename T, int N, typename = void, typename = std::enable_if_t<(N > 1) && std::is_integral_v<T>>>
Simd<T, N> pow(Simd<T, N> base, Simd<T, N> exponent) {
  if constexpr (wide::is_bool<T>) return base || !exponent;
  Simd<T, N> result(1);
  if constexpr (std::is_signed_v<T>) {
    auto negative = exponent < T(0);
    result = select(negative, Simd<T, N>(0), result);
    exponent = select(negative, Simd<T, N>(0), exponent);
  }
  while (any(exponent)) {
    result = select((exponent & T(1)) != T(0), result * base, result);
    base = base * base;
    exponent = exponent >> T(1);
  }
  return result;
}

RMLX_WIDER Simd<T, N> clz(Simd<T, N> x) {
  return wide::each(x, [](auto v) { return simd::clz(Simd<decltype(v), 1>(v)).value; });
}

// --- reductions ------------------------------------------------------------------------------------------------------

namespace wide {

// Folds the vector in halves.
template <typename T, int N, typename F>
T fold(Simd<T, N> x, F f) {
  using C = computed<T>;
  Simd<C, N> lanes(x);
  C part[N];
  for (int i = 0; i < N; ++i) part[i] = lanes.value[i];
  for (int n = N / 2; n > 0; n /= 2) {
    for (int i = 0; i < n; ++i) part[i] = f(part[i], part[i + n]);
  }
  return static_cast<T>(part[0]);
}

} // namespace wide

RMLX_WIDER T sum(Simd<T, N> x) {
  return wide::fold(x, [](auto a, auto b) { return a + b; });
}
RMLX_WIDER T prod(Simd<T, N> x) {
  return wide::fold(x, [](auto a, auto b) { return a * b; });
}
RMLX_WIDER T max(Simd<T, N> x) {
  return wide::fold(x, [](auto a, auto b) { return a > b || a != a ? a : b; });
}
RMLX_WIDER T min(Simd<T, N> x) {
  return wide::fold(x, [](auto a, auto b) { return a < b || a != a ? a : b; });
}
RMLX_WIDER bool any(Simd<T, N> x) {
  auto mask = Simd<bool, N>(x).value;
  int64_t words[sizeof(mask) / 8];
  __builtin_memcpy(words, &mask, sizeof(mask));
  int64_t set = 0;
  for (auto word : words) set |= word;
  return set != 0;
}
RMLX_WIDER bool all(Simd<T, N> x) {
  return !any(!x);
}

// --- remainders ------------------------------------------------------------------------------------------------------

namespace wide {

// x - floor(x / y) y of four numbers, exact but for its last rounding unless the quotient is huge: then `known` is false.
// A remainder of 0 has the sign of x.
template <typename T>
struct Remainders {
  vector<double, 4> rest;
  vector<int64_t, 4> known;

  Remainders(const T* numerators, const T* divisors) {
    auto x = convert<vector<double, 4>>(*(const vector<T, 4>*)numerators);
    auto y = convert<vector<double, 4>>(*(const vector<T, 4>*)divisors);
    auto quotient = simd::floor(Simd<double, 4>(x / y)).value;
    rest = x - quotient * y;
    rest = rest == 0 ? x * 0 : rest;
    constexpr double most = std::is_integral_v<T> ? 0x1p33 : 0x1p28, infinity = std::numeric_limits<double>::infinity();
    known = (quotient < most) & (quotient > -most) & (y < infinity) & (y > -infinity);
  }
};

template <typename T>
T one_remainder(T x, T y) {
  T rest;
  if constexpr (std::is_integral_v<T>) {
    rest = y == 0 || (std::is_signed_v<T> && y == T(-1)) ? T(0) : x % y;
  } else {
    rest = std::remainder(x, y);
  }
  return rest != 0 && (rest < 0) != (y < 0) ? T(rest + y) : rest;
}

} // namespace wide

// The floored remainder: it has the sign of the divisor.
RMLX_WIDER Simd<T, N> remainder(Simd<T, N> x, Simd<T, N> y) {
  if constexpr (wide::is_half<T>) {
    return remainder(wide::Float<N>(x), wide::Float<N>(y));
  } else if constexpr (N == 8 && sizeof(T) == 4) {
    alignas(32) T numerators[8], divisors[8], rest[8];
    store(numerators, x);
    store(divisors, y);
    for (int i = 0; i < 8; i += 4) {
      wide::Remainders<T> four(numerators + i, divisors + i);
      *(wide::vector<T, 4>*)(rest + i) = wide::convert<wide::vector<T, 4>>(four.rest);
      if (all(Simd<bool, 4>(four.known))) continue;
      for (int j = i; j < i + 4; ++j) {
        if (!four.known[j - i]) rest[j] = wide::one_remainder(numerators[j], divisors[j]);
      }
    }
    return load<T, 8>(rest);
  } else {
    return wide::each(x, y, [](auto v, auto w) { return wide::one_remainder(v, w); });
  }
}
inline Simd<float, 1> remainder(Simd<float, 1> x, Simd<float, 1> y) {
  return remainder(Simd<float, 8>(x.value), Simd<float, 8>(y.value))[0];
}
#undef RMLX_WIDER
#undef RMLX_FUNCTION
#undef RMLX_FUNCTION2
#undef RMLX_DOUBLE
#undef RMLX_DECLARE
#undef RMLX_DECLARE2
#undef RMLX_IN_VECTORS

} // namespace mlx::core::simd
