// Transcendental functions on vectors of floats, to less than 2 units in the last place where the
// machine has a fused multiply-add. The polynomials are own minimax fits, their coefficients
// rounded to float one after the other; bounds stand beside them. NaN, infinities, signed zeros and
// subnormal numbers behave as in C (subnormal ones unless the thread flushes them to zero).
#pragma once

#include <cmath>
#include <limits>

#include "kernels/block/vectors.h"

namespace cornu::block {

constexpr float infinity = std::numeric_limits<float>::infinity();
constexpr float log2_e = 1.44269504f;
constexpr float ln2_high = 0.693359375f;  // few bits: its product with an exponent is exact
constexpr float ln2_low = -2.12194440e-4f;

// x = n ln 2 + r, and the polynomial of (e**r - 1 - r) / r**2; error 3e-9.
struct ExpParts {
  Floats n;
  Floats r;
};

inline ExpParts reduce_exp(Floats x) {
  const Floats n = nearest(x * log2_e);
  const Floats r = fma(n, splat(-ln2_high), x);
  return {n, fma(n, splat(-ln2_low), r)};
}

inline Floats exp_less_one(Floats r) {
  const Floats q =
      polynomial(r, 0.5f, 0.166665196f, 0.0416664034f, 0.00836883113f, 0.00139405322f);
  return fma(r * r, q, r);
}

// For -87 < x < 88: the result and its power of two are normal.
inline Floats exp_inside(Floats x) {
  const ExpParts p = reduce_exp(x);
  return (1.0f + exp_less_one(p.r)) * power_of_two(to_ints(p.n));
}

inline Floats exp(Floats x) {
  const ExpParts p = reduce_exp(at_least(at_most(x, 89.0f), -104.0f));
  const Ints k = to_ints(p.n);
  const Ints half = k >> 1;  // 2**k itself may be out of range
  return (1.0f + exp_less_one(p.r)) * power_of_two(half) * power_of_two(minus(k, half));
}

inline Floats expm1(Floats x) {
  const ExpParts p = reduce_exp(at_least(at_most(x, 89.0f), -50.0f));
  const Floats scale = power_of_two(plus(to_ints(p.n), -1));  // half, so that 2**128 isn't needed
  const Floats y = 2.0f * fma(scale, exp_less_one(p.r), scale - 0.5f);
  return magnitude(x) < splat(1e-8f) ? x : y;
}

// log(u + correction) for normal u > 0. The polynomial of (log(1 + f) - f + f**2 / 2) / f**3 has an
// error of 6e-9.
template <bool corrected>
inline Floats log_parts(Floats u, Floats correction, Floats exponent_offset) {
  Ints e;
  const Floats m = mantissa(u, e);
  const Floats n = to_floats(e) + exponent_offset;
  Floats f = m - 1.0f;
  if (corrected) f = fma(correction, power_of_two(e < 64 ? minus(Ints{}, e) : Ints{}), f);
  const Floats f2 = f * f;
  Floats y = polynomial(f, 0.333333164f, -0.250008106f, 0.200023025f, -0.16624558f, 0.141809151f,
                        -0.131284803f, 0.128831282f, -0.0786191002f);
  y = fma(f2 * f, y, n * ln2_low);
  y = fma(splat(-0.5f), f2, y);
  return fma(n, splat(ln2_high), f + y);
}

inline Floats log(Floats x) {
  const Ints tiny = x < splat(std::numeric_limits<float>::min());
  const Floats scaled = tiny ? x * 0x1p25f : x;
  Floats y = log_parts<false>(scaled, Floats{}, tiny ? splat(-25.0f) : Floats{});
  y = x < splat(infinity) ? y : x;  // infinity and NaN are their own logarithms
  y = x == Floats{} ? splat(-infinity) : y;
  return x < Floats{} ? splat(std::numeric_limits<float>::quiet_NaN()) : y;
}

inline Floats log1p(Floats x) {
  const Floats one = splat(1.0f);
  const Floats u = one + x;
  Floats lost = x > one ? one - (u - x) : x - (u - one);  // what rounding u lost
  lost = u < splat(0x1p24f) ? lost : Floats{};
  Floats y = log_parts<true>(u, lost, Floats{});
  y = x < splat(infinity) ? y : x;
  y = magnitude(x) < splat(1e-10f) ? x : y;
  y = x == -one ? splat(-infinity) : y;
  return x < -one ? splat(std::numeric_limits<float>::quiet_NaN()) : y;
}

// Near zero an odd polynomial, (tanh(x) / x - 1) / x**2 with an error of 5e-9; else 1 less
// 2 / (e**2x + 1).
inline Floats tanh(Floats x) {
  const Floats u = x * x;
  const Floats q =
      polynomial(u, -0.333332717f, 0.133311436f, -0.053713344f, 0.0205492601f, -0.00560120447f);
  const Floats near = with_sign_of(fma(x * u, q, x), x);  // -0 too
  const Floats a = magnitude(x);
  const Floats e = exp_inside(at_most(a + a, 20.0f));
  const Floats far = with_sign_of(1.0f - 2.0f / (e + 1.0f), x);
  return a < splat(0.625f) ? near : far;
}

inline Floats sigmoid(Floats x) { return 1.0f / (1.0f + exp(-x)); }

// Near zero erf(x) / x - 1 as a polynomial in x**2, error 1e-9; else 1 - exp(log(erfc(x))), the
// logarithm as a polynomial, error 1e-9.
inline Floats erf(Floats x) {
  const Floats u = x * x;
  const Floats p = polynomial(u, 0.128379166f, -0.376126289f, 0.112836242f, -0.0268555954f,
                              0.00519199343f, -0.000804470561f, 7.97484317e-05f);
  const Floats near = x * (1.0f + p);  // of a product and a sum the product might be flushed
  const Floats a = at_most(magnitude(x), 3.93f);  // there it rounds to 1
  const Floats t = polynomial(a, -0.000211311999f, -1.12761116f, -0.637290597f, -0.103836663f,
                              0.0221812259f, -0.00303177f, 0.000194771856f);
  const Floats far = with_sign_of(1.0f - exp_inside(t), x);
  return a < splat(0.9375f) ? near : far;
}

// x less the nearest multiple n of pi / 2, in double: exact to float for |x| < 1e8.
inline Floats reduce_angle(Floats x, Ints& quadrant) {
  Doubles parts[2];
  widen(x, parts[0], parts[1]);
  Doubles n[2];
  for (int i = 0; i < 2; ++i) {
    n[i] = nearest(parts[i] * 0.63661977236758134);
    parts[i] = parts[i] - n[i] * 0x1.921fb5p+0;  // 25 bits: the product is exact
    parts[i] = parts[i] - n[i] * 0x1.110b4611a6263p-26;
  }
  quadrant = to_ints(narrow(n[0], n[1]));
  return narrow(parts[0], parts[1]);
}

// sin of the angle `r` + `quadrant` pi / 2, |r| <= pi / 4. Errors 4e-9 and 1e-10.
inline Floats sin_of(Floats r, Ints quadrant) {
  const Floats u = r * r;
  const Floats s = fma(r * u, polynomial(u, -0.166666552f, 0.00833219104f, -0.000195185989f), r);
  const Floats c = fma(u * u, polynomial(u, 0.0416666456f, -0.00138873013f, 2.44306684e-05f),
                       fma(splat(-0.5f), u, splat(1.0f)));
  const Floats y = (quadrant & 1) != 0 ? c : s;
  return as_floats(as_ints(y) ^ shift_left(quadrant & 2, 30));
}

constexpr float largest_angle = 1e7f;

// For angles that `reduce_angle` can't take, such as infinity. Rare: one by one.
inline Floats huge_angles(Floats x, Floats y, double (*function)(double)) {
  for (int i = 0; i < lanes<float>; ++i) {
    if (!(std::fabs(x[i]) < largest_angle)) y[i] = static_cast<float>(function(x[i]));
  }
  return y;
}

inline Floats sin(Floats x) {
  Ints quadrant;
  const Floats r = reduce_angle(x, quadrant);
  const Floats y = x == Floats{} ? x : sin_of(r, quadrant);
  if (any(~(magnitude(x) < splat(largest_angle)))) return huge_angles(x, y, std::sin);
  return y;
}

inline Floats cos(Floats x) {
  Ints quadrant;
  const Floats r = reduce_angle(x, quadrant);
  const Floats y = sin_of(r, plus(quadrant, 1));
  if (any(~(magnitude(x) < splat(largest_angle)))) return huge_angles(x, y, std::cos);
  return y;
}

// log2 of a normal positive float, in double: (m - 1) / (m + 1) into an odd series; error 1e-13.
inline Doubles log2_of(Doubles m, Doubles e) {
  const Doubles s = (m - 1.0) / (m + 1.0);
  const Doubles p = polynomial(s * s, 2.8853900817778491, 0.96179669411502422, 0.57707794187142469,
                               0.41220930317378229, 0.31990356574692996, 0.28293135092093302);
  return fma(s, p, e);
}

inline Floats power(Floats x, Floats y) {
  const Floats a = magnitude(x);
  // One by one: zero, subnormal, infinite, NaN. NaN as the exponent too: 1**NaN is 1.
  const Ints usual = (a >= splat(std::numeric_limits<float>::min())) & (a < splat(infinity)) &
                     (magnitude(y) < splat(infinity));
  const Floats base = usual ? a : splat(1.0f);
  Ints e;
  const Floats reduced = mantissa(base, e);
  Doubles m[2], k[2], w[2];
  widen(reduced, m[0], m[1]);
  widen(to_floats(e), k[0], k[1]);
  widen(y, w[0], w[1]);
  Doubles r[2], n[2];
  for (int i = 0; i < 2; ++i) {
    Doubles t = log2_of(m[i], k[i]) * w[i];
    t = t > splat(200.0) ? splat(200.0) : t;
    t = t < splat(-200.0) ? splat(-200.0) : t;
    n[i] = nearest(t);
    r[i] = polynomial(t - n[i], 0.99999999991894062, 0.69314720674107755, 0.24022651506023199,
                      0.055503271487300519, 0.009617994406785655, 0.0013400458476661866,
                      0.00015478052013839184);
    // 2**n for a double: the integer is read from the low bits of n + 1.5 * 2**52.
    const auto exponent = ((Vector<std::uint64_t>)(n[i] + 0x1.8p52) + 1023u) << 52;
    r[i] = r[i] * (Doubles)exponent;
  }
  Floats z = narrow(r[0], r[1]);
  const Ints negative = as_ints(x) < 0;
  if (any(negative)) {
    const Ints small = magnitude(y) < splat(0x1p24f);  // larger floats are even integers
    const Ints integer = to_ints(small ? y : Floats{});
    const Ints whole = ~small | (to_floats(integer) == y);
    const Ints odd = small & ((integer & 1) != 0);
    const Floats nan = splat(std::numeric_limits<float>::quiet_NaN());
    z = negative ? (whole ? (odd ? -z : z) : nan) : z;
  }
  if (any(~usual)) {
    for (int i = 0; i < lanes<float>; ++i) {
      if (!usual[i]) z[i] = std::pow(x[i], y[i]);
    }
  }
  return z;
}

}  // namespace cornu::block
