// What functions on vectors of floats are made of.
#pragma once

#include <cstdint>
#include <cstring>

#include "core/simd.h"

namespace cornu::block {

using Ints = Vector<std::int32_t>;
using Unsigned = Vector<std::uint32_t>;
using Doubles = Vector<double>;

inline Floats as_floats(Ints x) { return (Floats)x; }
inline Ints as_ints(Floats x) { return (Ints)x; }

inline Ints to_ints(Floats x) { return __builtin_convertvector(x, Ints); }
inline Floats to_floats(Ints x) { return __builtin_convertvector(x, Floats); }

// A polynomial, lowest coefficient first.
inline Floats polynomial(Floats, float c) { return splat(c); }
template <typename... More>
inline Floats polynomial(Floats x, float c, More... more) {
  return fma(polynomial(x, more...), x, splat(c));
}
inline Doubles polynomial(Doubles, double c) { return splat(c); }
template <typename... More>
inline Doubles polynomial(Doubles x, double c, More... more) {
  return fma(polynomial(x, more...), x, splat(c));
}

// To the nearest integer, ties to even, below 2**22 (2**51): the adder rounds.
inline Floats nearest(Floats x) { return (x + 0x1.8p23f) - 0x1.8p23f; }
inline Doubles nearest(Doubles x) { return (x + 0x1.8p52) - 0x1.8p52; }

constexpr std::int32_t sign_bit = INT32_MIN;

inline Floats magnitude(Floats x) { return as_floats(as_ints(x) & ~sign_bit); }

inline Floats with_sign_of(Floats size, Floats sign) {
  return as_floats(as_ints(size) | (as_ints(sign) & sign_bit));
}

// NaN passes through.
inline Floats at_most(Floats x, float limit) {
  const Floats l = splat(limit);
  return x > l ? l : x;
}
inline Floats at_least(Floats x, float limit) {
  const Floats l = splat(limit);
  return x < l ? l : x;
}

// Integers that NaN and infinity became may overflow: as unsigned ones they are allowed to.
inline Ints plus(Ints a, std::int32_t b) {
  return (Ints)((Unsigned)a + static_cast<std::uint32_t>(b));
}
inline Ints minus(Ints a, Ints b) { return (Ints)((Unsigned)a - (Unsigned)b); }
inline Ints shift_left(Ints a, int bits) { return (Ints)((Unsigned)a << bits); }

// 2**k for normal results.
inline Floats power_of_two(Ints k) { return as_floats(shift_left(plus(k, 127), 23)); }

// A positive normal float is 2**e m, with m in [sqrt(1/2), sqrt(2)).
inline Floats mantissa(Floats x, Ints& e) {
  const Ints bits = as_ints(x);
  e = plus(bits, -0x3f3504f3) >> 23;
  return as_floats(minus(bits, shift_left(e, 23)));
}

inline bool any(Ints mask) {
#if defined(__AVX512F__)
  return _mm512_test_epi32_mask((__m512i)mask, (__m512i)mask) != 0;
#elif defined(__AVX2__)
  return !_mm256_testz_si256((__m256i)mask, (__m256i)mask);
#else
  std::uint64_t words[sizeof mask / 8];
  std::memcpy(words, &mask, sizeof mask);
  std::uint64_t all = 0;
  for (const std::uint64_t w : words) all |= w;
  return all != 0;
#endif
}

// The same number of lanes in two vectors of doubles, and back.
inline void widen(Floats x, Doubles& low, Doubles& high) {
  typedef float Half __attribute__((vector_size(vector_bytes / 2)));
  Half halves[2];
  std::memcpy(halves, &x, sizeof halves);
  low = __builtin_convertvector(halves[0], Doubles);
  high = __builtin_convertvector(halves[1], Doubles);
}

inline Floats narrow(Doubles low, Doubles high) {
  typedef float Half __attribute__((vector_size(vector_bytes / 2)));
  const Half halves[2] = {__builtin_convertvector(low, Half), __builtin_convertvector(high, Half)};
  Floats x;
  std::memcpy(&x, halves, sizeof x);
  return x;
}

}  // namespace cornu::block
