// The flat index, and words of the counter-based generator Threefry-2x32 with 20 rounds (Salmon et
// al. 2011, "Parallel random numbers: as easy as 1, 2, 3"): words 2 j and 2 j + 1 belong to the
// counter (j, 0).
#include <cstring>

#include "core/simd.h"
#include "kernels/block/loops.h"

namespace cornu::block {
namespace {

using Words = Vector<std::uint32_t>;

struct Keys {
  std::uint32_t k[3];
};

template <int by, typename W>
inline W rotate(W x) {
  return (x << by) | (x >> (32 - by));
}

template <int a, int b, int c, int d, typename W>
inline void four_rounds(W& x, W& y) {
  x += y;
  y = rotate<a>(y) ^ x;
  x += y;
  y = rotate<b>(y) ^ x;
  x += y;
  y = rotate<c>(y) ^ x;
  x += y;
  y = rotate<d>(y) ^ x;
}

// `W`: one word, or a vector of them.
template <typename W>
inline void threefry(const Keys& keys, W& x, W& y) {
  const std::uint32_t* k = keys.k;
  x += k[0];
  y += k[1];
  four_rounds<13, 15, 26, 6>(x, y);
  x += k[1];
  y += k[2] + 1;
  four_rounds<17, 29, 16, 24>(x, y);
  x += k[2];
  y += k[0] + 2;
  four_rounds<13, 15, 26, 6>(x, y);
  x += k[0];
  y += k[1] + 3;
  four_rounds<17, 29, 16, 24>(x, y);
  x += k[1];
  y += k[2] + 4;
  four_rounds<13, 15, 26, 6>(x, y);
  x += k[2];
  y += k[0] + 5;
}

std::uint32_t word(const Keys& keys, std::uint64_t index) {
  std::uint32_t x = static_cast<std::uint32_t>(index / 2);
  std::uint32_t y = 0;
  threefry(keys, x, y);
  return index % 2 ? y : x;
}

// Writes x[0], y[0], x[1], y[1], ...
inline void store_pairs(std::uint32_t* p, Words x, Words y) {
  constexpr int width = lanes<std::uint32_t>;
  std::uint32_t u[width];
  std::uint32_t v[width];
  std::memcpy(u, &x, sizeof u);
  std::memcpy(v, &y, sizeof v);
  for (int i = 0; i < width; ++i) {
    p[2 * i] = u[i];
    p[2 * i + 1] = v[i];
  }
}

void random_bits(char* dst, const char* a, const char*, const char*, std::int64_t n,
                 const Block& block) {
  std::uint32_t* d = reinterpret_cast<std::uint32_t*>(dst);
  Keys keys;
  std::memcpy(keys.k, a, 8);
  keys.k[2] = 0x1BD11BDAu ^ keys.k[0] ^ keys.k[1];
  std::uint64_t index = static_cast<std::uint64_t>(block.start);
  const std::uint64_t end = index + static_cast<std::uint64_t>(n);
  if (index % 2 && index < end) *d++ = word(keys, index++);
  constexpr int width = lanes<std::uint32_t>;
  Words lane{};
  for (int i = 0; i < width; ++i) lane[i] = static_cast<std::uint32_t>(i);
  for (; index + 2 * width <= end; index += 2 * width, d += 2 * width) {
    Words x = lane + static_cast<std::uint32_t>(index / 2);
    Words y{};
    threefry(keys, x, y);
    store_pairs(d, x, y);
  }
  if (index == end) return;
  Words x = lane + static_cast<std::uint32_t>(index / 2);
  Words y{};
  threefry(keys, x, y);
  std::uint32_t rest[2 * width];
  store_pairs(rest, x, y);
  std::memcpy(d, rest, static_cast<std::size_t>(end - index) * 4);
}

void iota(char* dst, const char*, const char*, const char*, std::int64_t n, const Block& block) {
  std::uint32_t* d = reinterpret_cast<std::uint32_t*>(dst);
  const std::uint32_t start = static_cast<std::uint32_t>(block.start);
  for (std::int64_t i = 0; i < n; ++i) d[i] = start + static_cast<std::uint32_t>(i);
}

}  // namespace

Function find_random() { return &random_bits; }

Function find_iota(Dtype dtype) {
  return dtype == Dtype::int32 || dtype == Dtype::uint32 ? &iota : nullptr;
}

}  // namespace cornu::block
