// The two 16-bit floats as storage: their bits to float and back, rounded to even.
#pragma once

#include <cstdint>
#include <cstring>

namespace cornu::block {

struct Float16 {
  std::uint16_t bits;
};
struct Bfloat16 {
  std::uint16_t bits;
};

inline float float_of(std::uint32_t bits) {
  float x;
  std::memcpy(&x, &bits, sizeof x);
  return x;
}

inline std::uint32_t bits_of(float x) {
  std::uint32_t bits;
  std::memcpy(&bits, &x, sizeof bits);
  return bits;
}

inline float widen(Bfloat16 x) { return float_of(static_cast<std::uint32_t>(x.bits) << 16); }

// Subnormal numbers are multiples of 2**-24: from the integer, as a subnormal float would be
// flushed.
inline float widen(Float16 x) {
  const std::uint32_t low = x.bits & 0x7fffu;
  const std::uint32_t sign = static_cast<std::uint32_t>(x.bits & 0x8000u) << 16;
  const std::uint32_t normal = (low << 13) + (112u << 23);
  const std::uint32_t tiny = bits_of(static_cast<float>(static_cast<std::int32_t>(low)) * 0x1p-24f);
  const std::uint32_t special = (low << 13) | 0x7f800000u;
  const std::uint32_t finite = low < 0x0400u ? tiny : normal;
  return float_of((low >= 0x7c00u ? special : finite) | sign);
}

template <typename Half>
Half narrow(float x);

template <>
inline Bfloat16 narrow<Bfloat16>(float x) {
  const std::uint32_t bits = bits_of(x);
  const std::uint32_t rounded = (bits + 0x7fffu + ((bits >> 16) & 1)) >> 16;
  const std::uint32_t nan = (bits >> 16) | 0x40;
  return {static_cast<std::uint16_t>(x != x ? nan : rounded)};
}

template <>
inline Float16 narrow<Float16>(float x) {
  const std::uint32_t bits = bits_of(x);
  const std::uint32_t sign = (bits >> 16) & 0x8000;
  const std::uint32_t magnitude = bits & 0x7fffffff;
  // Normal results: the bias changes, half of the last place is added, ties go to even.
  const std::uint32_t normal = (magnitude - (112u << 23) + 0xfffu + ((magnitude >> 13) & 1)) >> 13;
  // Subnormal ones: adding a half lets the adder round to multiples of 2**-24.
  const std::uint32_t tiny = bits_of(float_of(magnitude) + 0.5f) - bits_of(0.5f);
  std::uint32_t half = magnitude < (113u << 23) ? tiny : normal;
  half = magnitude >= (143u << 23) ? 0x7c00u : half;
  half = magnitude > 0x7f800000u ? 0x7e00u : half;
  return {static_cast<std::uint16_t>(half | sign)};
}

}  // namespace cornu::block
