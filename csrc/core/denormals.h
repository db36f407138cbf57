// Denormal numbers as zero, which the processor is slow at otherwise.
#pragma once

#include <cstdint>

#if defined(__SSE2__)
#include <xmmintrin.h>
#endif

namespace cornu {

#if defined(__SSE2__)
using FloatMode = unsigned;
inline FloatMode float_mode() { return _mm_getcsr(); }
inline void set_float_mode(FloatMode mode) { _mm_setcsr(mode); }
constexpr FloatMode flush_bits = 0x8040;  // flush to zero, denormals are zeros
#elif defined(__aarch64__)
using FloatMode = std::uint64_t;
inline FloatMode float_mode() {
  FloatMode mode;
  __asm__ volatile("mrs %0, fpcr" : "=r"(mode));
  return mode;
}
inline void set_float_mode(FloatMode mode) { __asm__ volatile("msr fpcr, %0" : : "r"(mode)); }
constexpr FloatMode flush_bits = FloatMode{1} << 24;
#else
using FloatMode = unsigned;
inline FloatMode float_mode() { return 0; }
inline void set_float_mode(FloatMode) {}
constexpr FloatMode flush_bits = 0;
#endif

// Flushes as long as it lives; then the mode is what it was. All threads that work on a plan flush,
// or else bits would depend on which of them did what.
class Flush {
 public:
  Flush() : before_(float_mode()) { set_float_mode(before_ | flush_bits); }
  ~Flush() { set_float_mode(before_); }
  Flush(const Flush&) = delete;
  Flush& operator=(const Flush&) = delete;

 private:
  FloatMode before_;
};

// The opposite, for calls of code that isn't ours.
class NoFlush {
 public:
  NoFlush() : before_(float_mode()) { set_float_mode(before_ & ~flush_bits); }
  ~NoFlush() { set_float_mode(before_); }
  NoFlush(const NoFlush&) = delete;
  NoFlush& operator=(const NoFlush&) = delete;

 private:
  FloatMode before_;
};

}  // namespace cornu
