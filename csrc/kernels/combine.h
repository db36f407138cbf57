// How two values become one, for single elements and vectors of them, in reductions, running
// reductions and scatters.
#pragma once

#include <cstdint>
#include <limits>
#include <type_traits>

namespace cornu {

// Sums and products of signed integers wrap around: done on unsigned ones, with the same bits.
template <typename T, bool integral = std::is_integral_v<T>>
struct WrappingOf {
  using type = std::make_unsigned_t<T>;
};
template <typename T>
struct WrappingOf<T, false> {
  using type = T;
};
template <typename T>
using Wrapping = typename WrappingOf<T>::type;

struct Plus {
  template <typename V>
  static V of(V a, V b) {
    return static_cast<V>(a + b);
  }
  template <typename T>
  static constexpr T start() {
    return T{0};
  }
};

struct Times {
  template <typename V>
  static V of(V a, V b) {
    return static_cast<V>(a * b);
  }
  template <typename T>
  static constexpr T start() {
    return T{1};
  }
};

// NaN wins: the first operand stays if it is one, and the second does if it isn't less.
struct Greatest {
  template <typename V>
  static V of(V a, V b) {
    return ((a > b) | (a != a)) ? a : b;
  }
  template <typename T>
  static constexpr T start() {
    if constexpr (std::is_floating_point_v<T>) return -std::numeric_limits<T>::infinity();
    return std::numeric_limits<T>::lowest();
  }
};

struct Least {
  template <typename V>
  static V of(V a, V b) {
    return ((a < b) | (a != a)) ? a : b;
  }
  template <typename T>
  static constexpr T start() {
    if constexpr (std::is_floating_point_v<T>) return std::numeric_limits<T>::infinity();
    return std::numeric_limits<T>::max();
  }
};

}  // namespace cornu
