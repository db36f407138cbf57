// Sums, products, extremes, signs: what every number dtype has.
#include <cmath>
#include <cstring>
#include <limits>
#include <type_traits>

#include "core/simd.h"
#include "kernels/block/loops.h"
#include "kernels/combine.h"

namespace cornu::block {
namespace {

// Integers wrap around, as in NumPy (see `Wrapping`).
struct Add {
  template <typename T>
  static T apply(T a, T b) {
    return static_cast<T>(static_cast<Wrapping<T>>(a) + static_cast<Wrapping<T>>(b));
  }
};

struct Subtract {
  template <typename T>
  static T apply(T a, T b) {
    return static_cast<T>(static_cast<Wrapping<T>>(a) - static_cast<Wrapping<T>>(b));
  }
};

struct Multiply {
  template <typename T>
  static T apply(T a, T b) {
    return static_cast<T>(static_cast<Wrapping<T>>(a) * static_cast<Wrapping<T>>(b));
  }
};

struct Divide {
  template <typename T>
  static T apply(T a, T b) {
    return a / b;
  }
};

// NaN wins, from either side.
struct Maximum {
  template <typename T>
  static T apply(T a, T b) {
    return (a >= b) | (a != a) ? a : b;
  }
};

struct Minimum {
  template <typename T>
  static T apply(T a, T b) {
    return (a <= b) | (a != a) ? a : b;
  }
};

struct Negate {
  template <typename T>
  static T apply(T a) {
    if constexpr (std::is_floating_point<T>::value) {
      return -a;
    } else {
      return static_cast<T>(Wrapping<T>{0} - static_cast<Wrapping<T>>(a));
    }
  }
};

struct Abs {
  template <typename T>
  static T apply(T a) {
    if constexpr (std::is_floating_point<T>::value) {
      return std::fabs(a);
    } else if constexpr (std::is_signed<T>::value) {
      return a < 0 ? Negate::apply(a) : a;
    } else {
      return a;
    }
  }
};

struct Sign {
  template <typename T>
  static T apply(T a) {
    const T unit = static_cast<T>(static_cast<T>(a > 0) - static_cast<T>(a < 0));
    return a == a ? unit : a;
  }
};

struct Reciprocal {
  template <typename T>
  static T apply(T a) {
    return T{1} / a;
  }
};

struct Sqrt {
  template <typename T>
  static T apply(T a) {
    return std::sqrt(a);
  }
};

struct Rsqrt {
  template <typename T>
  static T apply(T a) {
    return T{1} / std::sqrt(a);
  }
};

template <typename T>
Function arithmetic(Op op, Form form) {
  switch (op) {
    case Op::add:
      return pick_binary<Add, T>(form);
    case Op::subtract:
      return pick_binary<Subtract, T>(form);
    case Op::multiply:
      return pick_binary<Multiply, T>(form);
    case Op::maximum:
      return pick_binary<Maximum, T>(form);
    case Op::minimum:
      return pick_binary<Minimum, T>(form);
    case Op::negate:
      return &unary_loop<Negate, T, T>;
    case Op::abs:
      return &unary_loop<Abs, T, T>;
    case Op::sign:
      return &unary_loop<Sign, T, T>;
    default:
      break;
  }
  if constexpr (std::is_floating_point<T>::value) {
    switch (op) {
      case Op::divide:
        return pick_binary<Divide, T>(form);
      case Op::reciprocal:
        return &unary_loop<Reciprocal, T, T>;
      case Op::sqrt:
        return &unary_loop<Sqrt, T, T>;
      case Op::rsqrt:
        return &unary_loop<Rsqrt, T, T>;
      default:
        break;
    }
  }
  return nullptr;
}

// One operand has one element for each row, of a vector or more. A row's last vector begins before
// the others end: its elements are read before these are written, perhaps to the same memory.
template <typename F, bool a_row>
void rows_loop(char* dst, const char* a, const char* b, const char*, std::int64_t,
               const Block& block) {
  constexpr std::int64_t width = lanes<float>;
  constexpr auto size = static_cast<std::int64_t>(sizeof(float));
  const std::int64_t whole = block.cols - block.cols % width;
  const std::int64_t last = (block.cols - width) * size;
  for (std::int64_t r = 0; r < block.rows; ++r) {
    float end[width];
    char* const end_memory = reinterpret_cast<char*>(end);
    if (whole < block.cols) {
      binary_loop<F, float, float, a_row, !a_row>(end_memory, a + (a_row ? 0 : last),
                                                  b + (a_row ? last : 0), nullptr, width, block);
    }
    binary_loop<F, float, float, a_row, !a_row>(dst, a, b, nullptr, whole, block);
    if (whole < block.cols) std::memcpy(dst + last, end, sizeof end);
    dst += block.cols * size;
    a += a_row ? size : block.cols * size;
    b += a_row ? block.cols * size : size;
  }
}

template <typename F>
Function pick_rows(Form form) {
  return form.a_row ? &rows_loop<F, true> : &rows_loop<F, false>;
}

}  // namespace

Function find_with_rows(Op op, Dtype dtype, Form form) {
  if (dtype != Dtype::float32) return nullptr;
  switch (op) {
    case Op::add:
      return pick_rows<Add>(form);
    case Op::subtract:
      return pick_rows<Subtract>(form);
    case Op::multiply:
      return pick_rows<Multiply>(form);
    case Op::divide:
      return pick_rows<Divide>(form);
    default:
      return nullptr;
  }
}

Function find_arithmetic(Op op, Dtype dtype, Form form) {
  switch (dtype) {
    case Dtype::float32:
      return arithmetic<float>(op, form);
    case Dtype::float64:
      return arithmetic<double>(op, form);
    case Dtype::int32:
      return arithmetic<std::int32_t>(op, form);
    case Dtype::int64:
      return arithmetic<std::int64_t>(op, form);
    case Dtype::uint32:
      return arithmetic<std::uint32_t>(op, form);
    case Dtype::uint8:
      return arithmetic<std::uint8_t>(op, form);
    case Dtype::boolean:  // extremes only; its bytes are 0 and 1
      if (op == Op::maximum || op == Op::minimum) return arithmetic<std::uint8_t>(op, form);
      return nullptr;
    default:
      return nullptr;
  }
}

}  // namespace cornu::block
