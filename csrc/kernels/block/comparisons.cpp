// Comparisons and tests: from any dtype to bool.
#include <cmath>
#include <type_traits>

#include "kernels/block/loops.h"

namespace cornu::block {
namespace {

#define CORNU_COMPARE(Name, sign)              \
  struct Name {                                \
    template <typename T>                      \
    static std::uint8_t apply(T a, T b) {      \
      return static_cast<std::uint8_t>(a sign b); \
    }                                          \
  };
CORNU_COMPARE(Equal, ==)
CORNU_COMPARE(NotEqual, !=)
CORNU_COMPARE(Less, <)
CORNU_COMPARE(LessEqual, <=)
#undef CORNU_COMPARE

struct IsNan {
  template <typename T>
  static std::uint8_t apply(T a) {
    return a != a;
  }
};

struct IsFinite {
  template <typename T>
  static std::uint8_t apply(T a) {
    return a - a == T{0};  // infinity less itself is NaN
  }
};

struct IsInf {
  template <typename T>
  static std::uint8_t apply(T a) {
    return (a == a) & (a - a != T{0});
  }
};

// The other way round: a > b is b < a. The loop's operands are exchanged, and so is the form.
template <typename F, typename T>
void exchanged(char* dst, const char* a, const char* b, const char* c, std::int64_t n,
               const Block& block) {
  binary_loop<F, T, std::uint8_t, false, false>(dst, b, a, c, n, block);
}
template <typename F, typename T>
void exchanged_a_one(char* dst, const char* a, const char* b, const char* c, std::int64_t n,
                     const Block& block) {
  binary_loop<F, T, std::uint8_t, false, true>(dst, b, a, c, n, block);
}
template <typename F, typename T>
void exchanged_b_one(char* dst, const char* a, const char* b, const char* c, std::int64_t n,
                     const Block& block) {
  binary_loop<F, T, std::uint8_t, true, false>(dst, b, a, c, n, block);
}

template <typename F, typename T>
Function pick_exchanged(Form form) {
  if (form.a_one) return &exchanged_a_one<F, T>;
  if (form.b_one) return &exchanged_b_one<F, T>;
  return &exchanged<F, T>;
}

template <typename T>
Function comparison(Op op, Form form) {
  switch (op) {
    case Op::equal:
      return pick_binary<Equal, T, std::uint8_t>(form);
    case Op::not_equal:
      return pick_binary<NotEqual, T, std::uint8_t>(form);
    case Op::less:
      return pick_binary<Less, T, std::uint8_t>(form);
    case Op::less_equal:
      return pick_binary<LessEqual, T, std::uint8_t>(form);
    case Op::greater:
      return pick_exchanged<Less, T>(form);
    case Op::greater_equal:
      return pick_exchanged<LessEqual, T>(form);
    case Op::is_nan:
      return &unary_loop<IsNan, T, std::uint8_t>;
    case Op::is_finite:
      return &unary_loop<IsFinite, T, std::uint8_t>;
    case Op::is_inf:
      return &unary_loop<IsInf, T, std::uint8_t>;
    default:
      return nullptr;
  }
}

}  // namespace

Function find_comparison(Op op, Dtype dtype, Form form) {
  switch (dtype) {
    case Dtype::boolean:  // numbers only have tests
      if (op == Op::is_nan || op == Op::is_finite || op == Op::is_inf) return nullptr;
      return comparison<std::uint8_t>(op, form);
    case Dtype::uint8:
      return comparison<std::uint8_t>(op, form);
    case Dtype::int32:
      return comparison<std::int32_t>(op, form);
    case Dtype::int64:
      return comparison<std::int64_t>(op, form);
    case Dtype::uint32:
      return comparison<std::uint32_t>(op, form);
    case Dtype::float32:
      return comparison<float>(op, form);
    case Dtype::float64:
      return comparison<double>(op, form);
    default:
      return nullptr;
  }
}

}  // namespace cornu::block
