// float16 and bfloat16 as they are stored, to and from float32, rounded to nearest even.
#pragma once

#include <cstdint>
#include <cstring>

namespace cornu {

inline float float_of_bits(std::uint32_t bits) {
  float x;
  std::memcpy(&x, &bits, sizeof x);
  return x;
}
inline std::uint32_t bits_of_float(float x) {
  std::uint32_t bits;
  std::memcpy(&bits, &x, sizeof bits);
  return bits;
}

struct Bfloat16 {
  static float widen(std::uint16_t h) { return float_of_bits(std::uint32_t(h) << 16); }
  static std::uint16_t narrow(float x) {
    const std::uint32_t u = bits_of_float(x);
    const std::uint32_t rounded = (u + 0x7fffu + ((u >> 16) & 1u)) >> 16;
    const std::uint32_t nan = (u >> 16) | 0x40u;
    return static_cast<std::uint16_t>((u & 0x7fffffffu) > 0x7f800000u ? nan : rounded);
  }
};

struct Float16 {
  static float widen(std::uint16_t h) {
    const std::uint32_t sign = std::uint32_t(h & 0x8000u) << 16, rest = h & 0x7fffu;
    // Subnormals by an exact product in integers' range, so that flush-to-zero can't reach them.
    const std::uint32_t subnormal = bits_of_float(static_cast<float>(rest) * 0x1p-24f);
    const std::uint32_t normal = (rest << 13) + (rest >= 0x7c00u ? 0x70000000u : 0x38000000u);
    return float_of_bits(sign | (rest < 0x400u ? subnormal : normal));
  }
  static std::uint16_t narrow(float x) {
    const std::uint32_t u = bits_of_float(x), sign = (u >> 16) & 0x8000u, v = u & 0x7fffffffu;
    const std::uint32_t normal = (v - 0x38000000u + 0xfffu + ((v >> 13) & 1u)) >> 13;
    // 0.5 + x rounds x to multiples of 2^-24, half's smallest.
    const std::uint32_t subnormal = bits_of_float(float_of_bits(v) + 0.5f) - 0x3f000000u;
    std::uint32_t h = v < 0x38800000u ? subnormal : normal;
    if (v >= 0x477ff000u) h = 0x7c00u;  // rounds to infinity
    if (v > 0x7f800000u) h = 0x7e00u | ((v >> 13) & 0x3ffu);
    return static_cast<std::uint16_t>(sign | h);
  }
};

}  // namespace cornu
