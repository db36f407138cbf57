// Changes of dtype, as NumPy's `astype`, and copies, selections and repetitions, which know only
// how many bytes an element has.
#include <cmath>
#include <cstring>
#include <limits>
#include <type_traits>

#include "kernels/block/halves.h"
#include "kernels/block/loops.h"

namespace cornu::block {
namespace {

// Floats beyond the integers become the lowest one, as x86's instructions do, or wrap where they
// fit into a wider integer. C++ leaves that open.
template <typename T, typename U>
U convert(T x) {
  if constexpr (std::is_floating_point<T>::value && std::is_integral<U>::value) {
    using Wide = std::conditional_t<sizeof(U) == 8 || std::is_same<U, std::uint32_t>::value,
                                    std::int64_t, std::int32_t>;
    constexpr T limit = -static_cast<T>(std::numeric_limits<Wide>::min());
    const bool fits = (x >= -limit) & (x < limit);
    const Wide wide = static_cast<Wide>(fits ? x : -limit);
    return static_cast<U>(wide);
  } else {
    return static_cast<U>(x);
  }
}

// Halves are computed with as floats.
inline float opened(Float16 x) { return widen(x); }
inline float opened(Bfloat16 x) { return widen(x); }
template <typename T>
inline T opened(T x) {
  return x;
}

// The float next to a double whose last bit is odd unless it is exact: rounding it once more, to a
// half, gives what rounding once would.
inline float to_odd(double x) {
  const float y = static_cast<float>(x);
  const double back = static_cast<double>(y);
  std::uint32_t bits = bits_of(y);
  if (back == x || x != x || (bits & 0x7fffffffu) == 0x7f800000u) return y;
  if (std::fabs(back) > std::fabs(x)) --bits;
  return float_of(bits | 1);
}

template <typename T, typename U>
struct Convert {
  static U apply(T x) {
    const auto value = opened(x);
    if constexpr (std::is_same<U, Float16>::value && std::is_same<T, double>::value) {
      return narrow<U>(to_odd(value));
    } else if constexpr (std::is_class<U>::value) {
      return narrow<U>(static_cast<float>(value));
    } else {
      return convert<std::remove_const_t<decltype(value)>, U>(value);
    }
  }
};
template <typename T>
struct IsTrue {
  static std::uint8_t apply(T x) { return opened(x) != 0; }
};

template <typename T>
Function from(Dtype to) {
  switch (to) {
    case Dtype::boolean:
      return &unary_loop<IsTrue<T>, T, std::uint8_t>;
    case Dtype::uint8:
      return &unary_loop<Convert<T, std::uint8_t>, T, std::uint8_t>;
    case Dtype::int32:
      return &unary_loop<Convert<T, std::int32_t>, T, std::int32_t>;
    case Dtype::int64:
      return &unary_loop<Convert<T, std::int64_t>, T, std::int64_t>;
    case Dtype::uint32:
      return &unary_loop<Convert<T, std::uint32_t>, T, std::uint32_t>;
    case Dtype::float32:
      return &unary_loop<Convert<T, float>, T, float>;
    case Dtype::float64:
      return &unary_loop<Convert<T, double>, T, double>;
    case Dtype::float16:
      return &unary_loop<Convert<T, Float16>, T, Float16>;
    case Dtype::bfloat16:
      return &unary_loop<Convert<T, Bfloat16>, T, Bfloat16>;
    default:
      return nullptr;
  }
}

template <typename T>
void copy_loop(char* dst, const char* a, const char*, const char*, std::int64_t n, const Block&) {
  if (dst != a) std::memcpy(dst, a, static_cast<std::size_t>(n) * sizeof(T));
}

template <typename T, bool a_one, bool b_one>
void select_loop(char* dst, const char* condition, const char* a, const char* b, std::int64_t n,
                 const Block&) {
  T* d = reinterpret_cast<T*>(dst);
  const std::uint8_t* t = reinterpret_cast<const std::uint8_t*>(condition);
  const T* x = reinterpret_cast<const T*>(a);
  const T* y = reinterpret_cast<const T*>(b);
  if (n == 0) return;
  const T x0 = x[0];
  const T y0 = y[0];
  CORNU_INDEPENDENT
  for (std::int64_t i = 0; i < n; ++i) {
    const T p = a_one ? x0 : x[i];
    const T q = b_one ? y0 : y[i];
    d[i] = t[i] ? p : q;
  }
}

// The condition is one element: one of the operands as a whole.
template <typename T, bool a_one, bool b_one>
void choose_loop(char* dst, const char* condition, const char* a, const char* b, std::int64_t n,
                 const Block& block) {
  const bool first = *condition != 0;
  const char* from = first ? a : b;
  if (first ? !a_one : !b_one) return copy_loop<T>(dst, from, nullptr, nullptr, n, block);
  T value;
  std::memcpy(&value, from, sizeof value);
  T* d = reinterpret_cast<T*>(dst);
  for (std::int64_t i = 0; i < n; ++i) d[i] = value;
}

template <typename T>
Function selection(Form form) {
  if (form.a_one) {
    if (form.b_one && form.c_one) return &choose_loop<T, true, true>;
    if (form.b_one) return &choose_loop<T, true, false>;
    return form.c_one ? &choose_loop<T, false, true> : &choose_loop<T, false, false>;
  }
  if (form.b_one && form.c_one) return &select_loop<T, true, true>;
  if (form.b_one) return &select_loop<T, true, false>;
  return form.c_one ? &select_loop<T, false, true> : &select_loop<T, false, false>;
}

template <typename T>
void fill_loop(char* dst, const char* a, const char*, const char*, std::int64_t n, const Block&) {
  T value;
  std::memcpy(&value, a, sizeof value);
  T* d = reinterpret_cast<T*>(dst);
  for (std::int64_t i = 0; i < n; ++i) d[i] = value;
}

}  // namespace

Function find_cast(Dtype source, Dtype to) {
  if (source == to) return find_copy(size_of(source));
  switch (source) {
    case Dtype::boolean:
    case Dtype::uint8:
      return from<std::uint8_t>(to);
    case Dtype::int32:
      return from<std::int32_t>(to);
    case Dtype::int64:
      return from<std::int64_t>(to);
    case Dtype::uint32:
      return from<std::uint32_t>(to);
    case Dtype::float32:
      return from<float>(to);
    case Dtype::float64:
      return from<double>(to);
    case Dtype::float16:
      return from<Float16>(to);
    case Dtype::bfloat16:
      return from<Bfloat16>(to);
    default:
      return nullptr;
  }
}

#define CORNU_BY_SIZE(size, code)      \
  switch (size) {                      \
    case 1: {                          \
      using T = std::uint8_t;          \
      return code;                     \
    }                                  \
    case 2: {                          \
      using T = std::uint16_t;         \
      return code;                     \
    }                                  \
    case 4: {                          \
      using T = std::uint32_t;         \
      return code;                     \
    }                                  \
    case 8: {                          \
      using T = std::uint64_t;         \
      return code;                     \
    }                                  \
    default:                           \
      return nullptr;                  \
  }

Function find_select(std::size_t size, Form form) { CORNU_BY_SIZE(size, selection<T>(form)) }

Function find_copy(std::size_t size) { CORNU_BY_SIZE(size, &copy_loop<T>) }

Function find_fill(std::size_t size) { CORNU_BY_SIZE(size, &fill_loop<T>) }

}  // namespace cornu::block
