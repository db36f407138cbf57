// Bits, truth values, and division with NumPy's rules: rounded down, zero for a divisor of zero.
#include <cmath>
#include <limits>
#include <type_traits>

#include "kernels/block/loops.h"

namespace cornu::block {
namespace {

struct And {
  template <typename T>
  static T apply(T a, T b) {
    return static_cast<T>(a & b);
  }
};

struct Or {
  template <typename T>
  static T apply(T a, T b) {
    return static_cast<T>(a | b);
  }
};

struct Xor {
  template <typename T>
  static T apply(T a, T b) {
    return static_cast<T>(a ^ b);
  }
};

struct Not {
  template <typename T>
  static T apply(T a) {
    return static_cast<T>(~a);
  }
};

struct LogicalNot {
  static std::uint8_t apply(std::uint8_t a) { return a ^ 1; }
};

// Shifts by as many bits as there are, or more, leave nothing; so do negative ones.
struct ShiftLeft {
  template <typename T>
  static T apply(T a, T b) {
    using U = std::make_unsigned_t<T>;
    constexpr U bits = sizeof(T) * 8;
    const U by = static_cast<U>(b);
    return by < bits ? static_cast<T>(static_cast<U>(a) << (by & (bits - 1))) : T{0};
  }
};

struct ShiftRight {
  template <typename T>
  static T apply(T a, T b) {
    using U = std::make_unsigned_t<T>;
    constexpr U bits = sizeof(T) * 8;
    const U by = static_cast<U>(b);
    const U most = std::is_signed<T>::value ? bits - 1 : 0;  // what is left is the sign
    if (by < bits) return static_cast<T>(a >> by);
    return std::is_signed<T>::value ? static_cast<T>(a >> most) : T{0};
  }
};

struct FloorDivide {
  template <typename T>
  static T apply(T a, T b) {
    if constexpr (std::is_floating_point<T>::value) {
      if (b == 0) return a / b;
      T mod = std::fmod(a, b);
      T div = (a - mod) / b;
      if (mod != 0 && (b < 0) != (mod < 0)) div -= 1;
      if (div == 0) return std::copysign(T{0}, a / b);
      const T down = std::floor(div);
      return div - down > T(0.5) ? down + 1 : down;
    } else {
      if (b == 0) return 0;
      if constexpr (std::is_signed<T>::value) {
        if (b == -1) {  // the lowest number has no opposite: it wraps
          using U = std::make_unsigned_t<T>;
          return static_cast<T>(U{0} - static_cast<U>(a));
        }
      }
      const T quotient = static_cast<T>(a / b);
      return static_cast<T>(quotient - ((a % b != 0) & ((a < 0) != (b < 0))));
    }
  }
};

struct Remainder {
  template <typename T>
  static T apply(T a, T b) {
    if constexpr (std::is_floating_point<T>::value) {
      T mod = std::fmod(a, b);
      if (b == 0) return mod;
      if (mod == 0) return std::copysign(T{0}, b);
      return (b < 0) != (mod < 0) ? mod + b : mod;
    } else {
      if (b == 0) return 0;
      if constexpr (std::is_signed<T>::value) {
        if (b == -1) return 0;
      }
      const T mod = static_cast<T>(a % b);
      return static_cast<T>(mod != 0 && (a < 0) != (b < 0) ? mod + b : mod);
    }
  }
};

template <typename T>
Function division(Op op, Form form) {
  if (op == Op::floor_divide) return pick_binary<FloorDivide, T>(form);
  if (op == Op::remainder) return pick_binary<Remainder, T>(form);
  return nullptr;
}

template <typename T>
Function bits(Op op, Form form) {
  switch (op) {
    case Op::bitwise_and:
      return pick_binary<And, T>(form);
    case Op::bitwise_or:
      return pick_binary<Or, T>(form);
    case Op::bitwise_xor:
      return pick_binary<Xor, T>(form);
    case Op::bitwise_not:
      return &unary_loop<Not, T, T>;
    case Op::shift_left:
      return pick_binary<ShiftLeft, T>(form);
    case Op::shift_right:
      return pick_binary<ShiftRight, T>(form);
    default:
      return division<T>(op, form);
  }
}

Function truths(Op op, Form form) {
  switch (op) {
    case Op::logical_and:
    case Op::bitwise_and:
      return pick_binary<And, std::uint8_t>(form);
    case Op::logical_or:
    case Op::bitwise_or:
      return pick_binary<Or, std::uint8_t>(form);
    case Op::logical_xor:
    case Op::bitwise_xor:
      return pick_binary<Xor, std::uint8_t>(form);
    case Op::logical_not:
    case Op::bitwise_not:
      return &unary_loop<LogicalNot, std::uint8_t, std::uint8_t>;
    default:
      return nullptr;
  }
}

}  // namespace

Function find_integer(Op op, Dtype dtype, Form form) {
  switch (dtype) {
    case Dtype::boolean:
      return truths(op, form);
    case Dtype::int32:
      return bits<std::int32_t>(op, form);
    case Dtype::int64:
      return bits<std::int64_t>(op, form);
    case Dtype::uint32:
      return bits<std::uint32_t>(op, form);
    case Dtype::uint8:
      return bits<std::uint8_t>(op, form);
    case Dtype::float32:
      return division<float>(op, form);
    case Dtype::float64:
      return division<double>(op, form);
    default:
      return nullptr;
  }
}

}  // namespace cornu::block
