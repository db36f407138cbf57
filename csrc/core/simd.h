// Vectors by the compiler's extensions, as wide as the instruction set that this copy of the core
// is compiled for. The whole core is compiled once for each set; Python loads the best that the
// machine has.
#pragma once

#include <cstdint>
#include <cstring>

#if defined(__AVX2__)
#include <immintrin.h>
#elif defined(__ARM_NEON)
#include <arm_neon.h>
#endif

namespace cornu {

#if defined(__AVX512F__)
constexpr int vector_bytes = 64;
#define CORNU_ISA "avx512"
#elif defined(__AVX2__)
constexpr int vector_bytes = 32;
#define CORNU_ISA "avx2"
#elif defined(__ARM_NEON)
constexpr int vector_bytes = 16;
#define CORNU_ISA "neon"
#else
constexpr int vector_bytes = 16;
#define CORNU_ISA "plain"
#endif

template <typename T>
struct VectorOf {
  typedef T type __attribute__((vector_size(vector_bytes)));
};
template <typename T>
using Vector = typename VectorOf<T>::type;
template <typename T>
constexpr int lanes = vector_bytes / static_cast<int>(sizeof(T));

using Floats = Vector<float>;

template <typename T>
inline Vector<T> load(const T* p) {
  Vector<T> v;
  std::memcpy(&v, p, sizeof v);
  return v;
}

template <typename T>
inline void store(T* p, Vector<T> v) {
  std::memcpy(p, &v, sizeof v);
}

template <typename T>
inline Vector<T> splat(T x) {
  return x - Vector<T>{};  // folds to a broadcast; x + 0 would lose the sign of -0
}

// How many vectors the machine can name at a time: what bounds a register block.
#if defined(__AVX512F__) || defined(__aarch64__)
constexpr int vector_registers = 32;
#else
constexpr int vector_registers = 16;
#endif

// a * b + c in one rounding where the machine has it; the compiler is told not to fuse by itself.
#if defined(__AVX512F__)
inline Vector<float> fma(Vector<float> a, Vector<float> b, Vector<float> c) {
  return _mm512_fmadd_ps(a, b, c);
}
inline Vector<double> fma(Vector<double> a, Vector<double> b, Vector<double> c) {
  return _mm512_fmadd_pd(a, b, c);
}
#elif defined(__AVX2__) && defined(__FMA__)
inline Vector<float> fma(Vector<float> a, Vector<float> b, Vector<float> c) {
  return _mm256_fmadd_ps(a, b, c);
}
inline Vector<double> fma(Vector<double> a, Vector<double> b, Vector<double> c) {
  return _mm256_fmadd_pd(a, b, c);
}
#elif defined(__aarch64__)
inline Vector<float> fma(Vector<float> a, Vector<float> b, Vector<float> c) {
  return (Vector<float>)vfmaq_f32((float32x4_t)c, (float32x4_t)a, (float32x4_t)b);
}
inline Vector<double> fma(Vector<double> a, Vector<double> b, Vector<double> c) {
  return (Vector<double>)vfmaq_f64((float64x2_t)c, (float64x2_t)a, (float64x2_t)b);
}
#else
inline Vector<float> fma(Vector<float> a, Vector<float> b, Vector<float> c) { return a * b + c; }
inline Vector<double> fma(Vector<double> a, Vector<double> b, Vector<double> c) {
  return a * b + c;
}
#endif

// The first `count` lanes, 1 to lanes<T>: nothing beyond them is touched; lanes not loaded are 0.
#if defined(__AVX512F__)
inline Vector<float> load_part(const float* p, int count) {
  return _mm512_maskz_loadu_ps(static_cast<__mmask16>((1u << count) - 1), p);
}
inline Vector<double> load_part(const double* p, int count) {
  return _mm512_maskz_loadu_pd(static_cast<__mmask8>((1u << count) - 1), p);
}
inline void store_part(float* p, Vector<float> v, int count) {
  _mm512_mask_storeu_ps(p, static_cast<__mmask16>((1u << count) - 1), v);
}
inline void store_part(double* p, Vector<double> v, int count) {
  _mm512_mask_storeu_pd(p, static_cast<__mmask8>((1u << count) - 1), v);
}
#elif defined(__AVX2__)
inline __m256i first_lanes(int bytes) {
  alignas(32) static const std::int32_t mask[16] = {-1, -1, -1, -1, -1, -1, -1, -1};
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(mask + 8 - bytes / 4));
}
inline Vector<float> load_part(const float* p, int count) {
  return _mm256_maskload_ps(p, first_lanes(4 * count));
}
inline Vector<double> load_part(const double* p, int count) {
  return _mm256_maskload_pd(p, first_lanes(8 * count));
}
// By halves: masked stores take AMD's processors an order of magnitude longer than others.
inline void store_part(float* p, Vector<float> v, int count) {
  if (count == 8) return _mm256_storeu_ps(p, v);
  __m128 rest = _mm256_castps256_ps128(v);
  if (count & 4) {
    _mm_storeu_ps(p, rest);
    rest = _mm256_extractf128_ps(v, 1);
    p += 4;
  }
  if (count & 2) {
    _mm_storel_pi(reinterpret_cast<__m64*>(p), rest);
    rest = _mm_movehl_ps(rest, rest);
    p += 2;
  }
  if (count & 1) _mm_store_ss(p, rest);
}
inline void store_part(double* p, Vector<double> v, int count) {
  if (count == 4) return _mm256_storeu_pd(p, v);
  __m128d rest = _mm256_castpd256_pd128(v);
  if (count & 2) {
    _mm_storeu_pd(p, rest);
    rest = _mm256_extractf128_pd(v, 1);
    p += 2;
  }
  if (count & 1) _mm_store_sd(p, rest);
}
#else
template <typename T>
inline Vector<T> load_part(const T* p, int count) {
  Vector<T> v{};
  for (int i = 0; i < count; ++i) v[i] = p[i];
  return v;
}
template <typename T>
inline void store_part(T* p, Vector<T> v, int count) {
  for (int i = 0; i < count; ++i) p[i] = v[i];
}
#endif

}  // namespace cornu
