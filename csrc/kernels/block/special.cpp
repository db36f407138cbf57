// The same series as the primitives' references: own fits, evaluated in double.
#include "kernels/block/special.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace cornu::block::special {
namespace {

constexpr double pi = 3.141592653589793;
constexpr double infinity = std::numeric_limits<double>::infinity();

// lgamma(x) / ((x - 1) (x - 2)) for 1 <= x <= 2 as a polynomial in 2 x - 3, error 1e-16.
constexpr double lgamma_small_terms[] = {
    0.4831289505409809,
    -0.07297994795715304,
    0.015727850268641236,
    -0.003913560937626381,
    0.0010498186644491822,
    -0.00029455070151447946,
    8.510090382103366e-05,
    -2.509432873095988e-05,
    7.511391173966899e-06,
    -2.2742469968212717e-06,
    6.948459477297189e-07,
    -2.1386491757349785e-07,
    6.62297969393005e-08,
    -2.0616623830783594e-08,
    6.446639568052886e-09,
    -2.024496975941913e-09,
    6.377132338485378e-10,
    -2.003090767087296e-10,
    6.345742123182517e-11,
    -2.131653473667402e-11,
    6.789300083165209e-12,
    -1.435305802379184e-12,
    4.571979384838471e-13,
    -4.118800422041655e-13,
    1.3230297820276298e-13,
};

// Asymptotic series: B(2k) / (2k (2k - 1)) for lgamma in 1 / x**2, and -B(2k) / 2k for digamma.
constexpr double stirling_terms[] = {
    1.0 / 12,   -1.0 / 360,      1.0 / 1260, -1.0 / 1680,
    1.0 / 1188, -691.0 / 360360, 1.0 / 156,
};
constexpr double digamma_terms[] = {
    -1.0 / 12,  1.0 / 120,     -1.0 / 252, 1.0 / 240,
    -1.0 / 132, 691.0 / 32760, -1.0 / 12,
};

template <int n>
double horner(const double (&terms)[n], double x) {
  double y = terms[n - 1];
  for (int i = n - 2; i >= 0; --i) y = y * x + terms[i];
  return y;
}

// Moved to [1, 2) by gamma(x + 1) = x gamma(x).
double lgamma_small(double a) {
  double factor = 1.0;
  if (a < 1.0) {
    factor = 1.0 / a;
    a += 1.0;
  }
  while (a >= 2.0) {
    a -= 1.0;
    factor *= a;
  }
  return std::log(factor) + (a - 1.0) * (a - 2.0) * horner(lgamma_small_terms, 2.0 * a - 3.0);
}

// Stirling's series, for a >= 8.
double lgamma_large(double a) {
  if (std::isinf(a)) return infinity;
  const double r = 1.0 / a;
  const double series = r * horner(stirling_terms, r * r);
  return (a - 0.5) * (std::log(a) - 1.0) + (0.5 * std::log(2.0 * pi) - 0.5) + series;
}

}  // namespace

// Winitzki's approximation, relative error 4e-3, and two steps of Halley's method.
double erfinv(double y) {
  const double a = std::fabs(y);
  if (a == 1.0) return std::copysign(infinity, y);
  if (!(a < 1.0)) return std::numeric_limits<double>::quiet_NaN();
  if (a < 1e-150) return y * (std::sqrt(pi) / 2.0);  // its square underflows
  const double w = std::log1p(-a) + std::log1p(a);
  const double c = 2.0 / (pi * 0.147) + w / 2.0;
  double x = std::sqrt((-w / 0.147) / (std::sqrt(c * c - w / 0.147) + c));
  for (int i = 0; i < 2; ++i) {
    const double error = a < 0.6 ? std::erf(x) - a : (1.0 - a) - std::erfc(x);
    const double step = error * (std::sqrt(pi) / 2.0) * std::exp(x * x);
    x -= step / (1.0 + x * step);
  }
  return std::copysign(x, y);
}

// log(abs(gamma(x))); infinite at the poles 0, -1, -2, ... and, as in C, at -infinity.
double lgamma(double x) {
  if (x != x) return x;
  if (x <= 0.0 && std::floor(x) == x) return infinity;
  const double a = std::fabs(x);
  const double y = a < 8.0 ? lgamma_small(a) : lgamma_large(a);
  if (x > 0.0) return y;
  // gamma(x) gamma(-x) = -pi / (x sin(pi x)); x less its nearest integer is exact.
  const double sine = std::sin(pi * (x - std::nearbyint(x)));
  return std::log(pi) - std::log(std::fabs(x * sine)) - y;
}

// The derivative of lgamma; NaN at the poles -1, -2, ..., infinite at 0.
double digamma(double x) {
  if (x == 0.0) return std::copysign(infinity, -x);
  const bool negative = x < 0.0;
  const double fraction = x - std::nearbyint(x);
  if (negative && !(fraction != 0.0)) return std::numeric_limits<double>::quiet_NaN();
  double z = negative ? 1.0 - x : x;
  double shift = 0.0;
  for (; z < 10.0; z += 1.0) shift -= 1.0 / z;  // digamma(x) = digamma(x + 1) - 1 / x
  const double r = 1.0 / z;
  const double y = std::log(z) - 0.5 * r + r * r * horner(digamma_terms, r * r) + shift;
  return negative ? y - pi / std::tan(pi * fraction) : y;
}

double sigmoid(double x) { return 1.0 / (1.0 + std::exp(-x)); }

}  // namespace cornu::block::special
