// To integers and back, and by the C library one by one what is seldom used.
#include <cmath>
#include <type_traits>

#include "kernels/block/loops.h"
#include "kernels/block/special.h"

namespace cornu::block {
namespace {

#define CORNU_ROUND(Name, function)          \
  struct Name {                              \
    template <typename T>                    \
    static T apply(T x) {                    \
      return std::function(x);               \
    }                                        \
  };
CORNU_ROUND(Floor, floor)
CORNU_ROUND(Ceil, ceil)
CORNU_ROUND(Trunc, trunc)
CORNU_ROUND(Round, nearbyint)
#undef CORNU_ROUND

// float32 by way of float64: rounded once, the same on every C library.
#define CORNU_LIBRARY(Name, function)                             \
  struct Name {                                                   \
    template <typename T>                                         \
    static T apply(T x) {                                         \
      return static_cast<T>(function(static_cast<double>(x)));    \
    }                                                             \
  };
CORNU_LIBRARY(Exp, std::exp)
CORNU_LIBRARY(Expm1, std::expm1)
CORNU_LIBRARY(Log, std::log)
CORNU_LIBRARY(Log1p, std::log1p)
CORNU_LIBRARY(Sin, std::sin)
CORNU_LIBRARY(Cos, std::cos)
CORNU_LIBRARY(Tan, std::tan)
CORNU_LIBRARY(Asin, std::asin)
CORNU_LIBRARY(Acos, std::acos)
CORNU_LIBRARY(Atan, std::atan)
CORNU_LIBRARY(Sinh, std::sinh)
CORNU_LIBRARY(Cosh, std::cosh)
CORNU_LIBRARY(Tanh, std::tanh)
CORNU_LIBRARY(Asinh, std::asinh)
CORNU_LIBRARY(Acosh, std::acosh)
CORNU_LIBRARY(Atanh, std::atanh)
CORNU_LIBRARY(Erf, std::erf)
CORNU_LIBRARY(Erfinv, special::erfinv)
CORNU_LIBRARY(Lgamma, special::lgamma)
CORNU_LIBRARY(Digamma, special::digamma)
CORNU_LIBRARY(Sigmoid, special::sigmoid)
#undef CORNU_LIBRARY

struct Power {
  template <typename T>
  static T apply(T a, T b) {
    return std::pow(a, b);
  }
};

struct Atan2 {
  template <typename T>
  static T apply(T a, T b) {
    return static_cast<T>(std::atan2(static_cast<double>(a), static_cast<double>(b)));
  }
};

template <typename T>
Function rounding(Op op) {
  switch (op) {
    case Op::floor:
      return &unary_loop<Floor, T, T>;
    case Op::ceil:
      return &unary_loop<Ceil, T, T>;
    case Op::trunc:
      return &unary_loop<Trunc, T, T>;
    case Op::round:
      return &unary_loop<Round, T, T>;
    default:
      return nullptr;
  }
}

template <typename T>
Function library(Op op, Form form) {
#define CORNU_CASE(name, Name) \
  case Op::name:               \
    return &unary_loop<Name, T, T>;
  switch (op) {
    CORNU_CASE(exp, Exp)
    CORNU_CASE(expm1, Expm1)
    CORNU_CASE(log, Log)
    CORNU_CASE(log1p, Log1p)
    CORNU_CASE(sin, Sin)
    CORNU_CASE(cos, Cos)
    CORNU_CASE(tan, Tan)
    CORNU_CASE(asin, Asin)
    CORNU_CASE(acos, Acos)
    CORNU_CASE(atan, Atan)
    CORNU_CASE(sinh, Sinh)
    CORNU_CASE(cosh, Cosh)
    CORNU_CASE(tanh, Tanh)
    CORNU_CASE(asinh, Asinh)
    CORNU_CASE(acosh, Acosh)
    CORNU_CASE(atanh, Atanh)
    CORNU_CASE(erf, Erf)
    CORNU_CASE(erfinv, Erfinv)
    CORNU_CASE(lgamma, Lgamma)
    CORNU_CASE(digamma, Digamma)
    CORNU_CASE(sigmoid, Sigmoid)
    case Op::power:
      return pick_binary<Power, T>(form);
    case Op::atan2:
      return pick_binary<Atan2, T>(form);
    default:
      return nullptr;
  }
#undef CORNU_CASE
}

}  // namespace

Function find_rounding(Op op, Dtype dtype, Form) {
  if (dtype == Dtype::float32) return rounding<float>(op);
  if (dtype == Dtype::float64) return rounding<double>(op);
  return nullptr;
}

Function find_library(Op op, Dtype dtype, Form form) {
  if (dtype == Dtype::float32) return library<float>(op, form);
  if (dtype == Dtype::float64) return library<double>(op, form);
  return nullptr;
}

}  // namespace cornu::block
