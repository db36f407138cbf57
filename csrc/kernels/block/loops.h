// Loops that apply a function to all elements, written so that compilers turn them into vectors.
#pragma once

#include <cstdint>

#include "core/types.h"
#include "kernels/block/ops.h"

// Says that iterations don't depend on each other: operands of an operation are the same memory as
// its result or none of it (an element is read before it is written).
#if defined(__clang__)
#define CORNU_INDEPENDENT _Pragma("clang loop vectorize(assume_safety)")
#else
#define CORNU_INDEPENDENT _Pragma("GCC ivdep")
#endif

namespace cornu::block {

template <typename F, typename T, typename U>
void unary_loop(char* dst, const char* a, const char*, const char*, std::int64_t n, const Block&) {
  U* d = reinterpret_cast<U*>(dst);
  const T* x = reinterpret_cast<const T*>(a);
  CORNU_INDEPENDENT
  for (std::int64_t i = 0; i < n; ++i) d[i] = F::apply(x[i]);
}

// `a_one`, `b_one`: the operand is one element.
template <typename F, typename T, typename U, bool a_one, bool b_one>
void binary_loop(char* dst, const char* a, const char* b, const char*, std::int64_t n,
                 const Block&) {
  U* d = reinterpret_cast<U*>(dst);
  const T* x = reinterpret_cast<const T*>(a);
  const T* y = reinterpret_cast<const T*>(b);
  if (n == 0) return;
  const T x0 = x[0];
  const T y0 = y[0];
  CORNU_INDEPENDENT
  for (std::int64_t i = 0; i < n; ++i) d[i] = F::apply(a_one ? x0 : x[i], b_one ? y0 : y[i]);
}

// Picks the loop for a form. Two single operands make a single result, which any loop does.
template <typename F, typename T, typename U = T>
Function pick_binary(Form form) {
  if (form.a_one) return &binary_loop<F, T, U, true, false>;
  if (form.b_one) return &binary_loop<F, T, U, false, true>;
  return &binary_loop<F, T, U, false, false>;
}

}  // namespace cornu::block
