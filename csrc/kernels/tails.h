// The last vector of a row of columns: all of it, its first lanes, or half a vector's first lanes.
//
// Each kind gives its vector's type, and reads and writes `count` columns. Half a vector takes half
// the time where a processor does 512 bits in two steps, and never more than a whole one.
#pragma once

#include "core/simd.h"

namespace cornu {

template <typename T>
struct WholeTail {
  using V = Vector<T>;
  static V read(const T* p, int) { return load(p); }
  static void write(T* p, V v, int) { store(p, v); }
  static V spread(T x) { return splat(x); }
  static V multiply(V a, V b, V c) { return fma(a, b, c); }
};

template <typename T>
struct PartTail : WholeTail<T> {
  using V = Vector<T>;
  static V read(const T* p, int count) { return load_part(p, count); }
  static void write(T* p, V v, int count) { store_part(p, v, count); }
};

#if defined(__AVX512F__) && defined(__AVX512VL__)
constexpr bool has_half_tails = true;

template <typename T>
struct HalfTail;

template <>
struct HalfTail<float> {
  using V = __m256;
  static V read(const float* p, int count) { return _mm256_maskz_loadu_ps(mask(count), p); }
  static void write(float* p, V v, int count) { _mm256_mask_storeu_ps(p, mask(count), v); }
  static V spread(float x) { return _mm256_set1_ps(x); }
  static V multiply(V a, V b, V c) { return _mm256_fmadd_ps(a, b, c); }

 private:
  static __mmask8 mask(int count) { return static_cast<__mmask8>((1u << count) - 1); }
};

template <>
struct HalfTail<double> {
  using V = __m256d;
  static V read(const double* p, int count) { return _mm256_maskz_loadu_pd(mask(count), p); }
  static void write(double* p, V v, int count) { _mm256_mask_storeu_pd(p, mask(count), v); }
  static V spread(double x) { return _mm256_set1_pd(x); }
  static V multiply(V a, V b, V c) { return _mm256_fmadd_pd(a, b, c); }

 private:
  static __mmask8 mask(int count) { return static_cast<__mmask8>((1u << count) - 1); }
};
#else
constexpr bool has_half_tails = false;

template <typename T>
using HalfTail = PartTail<T>;
#endif

}  // namespace cornu
