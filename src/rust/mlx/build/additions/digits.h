// Sorting by the digits of numbers (radix sort), stable, NaN last. Copied into the private copy of MLX's source as
// mlx/digits.h.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <type_traits>
#include <utility>

#include "mlx/types/half_types.h"

namespace mlx::core::rmlx {

template <typename T>
constexpr bool has_digits = (std::is_arithmetic_v<T> && !std::is_same_v<T, bool>) || std::is_same_v<T, float16_t> ||
    std::is_same_v<T, bfloat16_t>;

template <size_t bytes>
struct Unsigned { using type = uint8_t; };
template <> struct Unsigned<2> { using type = uint16_t; };
template <> struct Unsigned<4> { using type = uint32_t; };
template <> struct Unsigned<8> { using type = uint64_t; };
template <typename T>
using digits_of = typename Unsigned<sizeof(T)>::type;

template <typename T>
constexpr digits_of<T> sign_digit = digits_of<T>(1) << (8 * sizeof(T) - 1);

// Unsigned numbers in the order of the numbers that they stand for.
template <typename T>
digits_of<T> to_digits(T x) {
  auto bits = __builtin_bit_cast(digits_of<T>, x);
  if constexpr (std::is_unsigned_v<T>) {
    return bits;
  } else if constexpr (std::is_integral_v<T>) {
    return bits ^ sign_digit<T>;
  } else {
    return bits & sign_digit<T> ? ~bits : bits | sign_digit<T>;
  }
}

template <typename T>
T from_digits(digits_of<T> digits) {
  if constexpr (std::is_integral_v<T>) {
    return to_digits(__builtin_bit_cast(T, digits));
  } else {
    digits_of<T> bits = digits & sign_digit<T> ? digits ^ sign_digit<T> : ~digits;
    return __builtin_bit_cast(T, bits);
  }
}

// Moves items between two places, by one digit of eight bits after the other; returns the place that has them at last.
template <int bytes, typename Item, typename Digits>
Item* distribute(Item* items, Item* other, size_t size, Digits digits) {
  size_t counts[bytes][256] = {};
  for (size_t i = 0; i < size; ++i) {
    for (int k = 0; k < bytes; ++k) ++counts[k][(digits(items[i]) >> 8 * k) & 255];
  }
  for (int k = 0; k < bytes; ++k) {
    auto& places = counts[k];
    if (*std::max_element(places, places + 256) == size) continue;
    size_t next = 0;
    for (auto& place : places) next += std::exchange(place, next);
    for (size_t i = 0; i < size; ++i) other[places[(digits(items[i]) >> 8 * k) & 255]++] = items[i];
    std::swap(items, other);
  }
  return items;
}

constexpr int64_t fewest_for_digits = 512;

// Sorts numbers that are `step` apart; false if that is not for them.
template <typename T>
bool sort_by_digits(T* x, int64_t step, int64_t size) {
  if constexpr (has_digits<T>) {
    if (size < fewest_for_digits) return false;
    using Key = digits_of<T>;
    std::unique_ptr<Key[]> memory(new Key[2 * size]);
    auto keys = memory.get();
    int64_t known = 0;
    T nan = T(0);
    for (int64_t i = 0; i < size; ++i) {
      const T value = x[i * step];
      if (value == value) {
        keys[known++] = to_digits(value);
      } else {
        nan = value;
      }
    }
    auto sorted = distribute<sizeof(T)>(keys, keys + size, known, [](Key key) { return key; });
    for (int64_t i = 0; i < size; ++i) x[i * step] = i < known ? from_digits<T>(sorted[i]) : nan;
    return true;
  } else {
    return false;
  }
}

// Fills `order` with the positions of numbers by size.
template <typename T, typename Index>
bool order_by_digits(const T* x, int64_t step, int64_t size, Index* order, int64_t order_step) {
  if constexpr (has_digits<T>) {
    if (size < fewest_for_digits) return false;
    struct Item {
      digits_of<T> key;
      Index index;
    };
    std::unique_ptr<Item[]> memory(new Item[2 * size]);
    auto items = memory.get();
    int64_t known = 0, unknown = size;
    for (int64_t i = 0; i < size; ++i) {
      const T value = x[i * step];
      if (value == value) {
        // -0 and 0 are equal
        items[known++] = {to_digits(value == T(0) ? T(0) : value), Index(i)};
      } else {
        order[--unknown * order_step] = i;
      }
    }
    auto sorted = distribute<sizeof(T)>(items, items + size, known, [](const Item& item) { return item.key; });
    for (int64_t i = 0; i < known; ++i) order[i * order_step] = sorted[i].index;
    // the last NaN came first
    for (int64_t low = known, high = size - 1; low < high; ++low, --high) {
      std::swap(order[low * order_step], order[high * order_step]);
    }
    return true;
  } else {
    return false;
  }
}

} // namespace mlx::core::rmlx
