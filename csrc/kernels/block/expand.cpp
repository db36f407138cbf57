// Copies of a row's element all along the row.
#include <algorithm>
#include <cstring>

#include "core/simd.h"
#include "kernels/block/loops.h"
#include "kernels/dispatch.h"

namespace cornu::block {
namespace {

using Words = Vector<std::uint32_t>;
constexpr int width = lanes<std::uint32_t>;

// Lanes by number. Where no instruction does that, rows are done one by one.
#if defined(__AVX512F__)
constexpr bool has_lookup = true;
inline Words lookup(Words v, Words lane) {
  return (Words)_mm512_permutexvar_epi32((__m512i)lane, (__m512i)v);
}
#elif defined(__AVX2__)
constexpr bool has_lookup = true;
inline Words lookup(Words v, Words lane) {
  return (Words)_mm256_permutevar8x32_epi32((__m256i)v, (__m256i)lane);
}
#else
constexpr bool has_lookup = false;
inline Words lookup(Words v, Words) { return v; }
#endif

// Rows shorter than a vector, a vector of rows at a time: their elements are picked lane by lane.
void expand_short(std::uint32_t* d, const std::uint32_t* x, std::int64_t rows,
                  std::int64_t cols) {
  // Of each element that the rows have. The division by `cols` as a product is exact up to 16 rows.
  Words row[width];
  Words element{};
  for (int i = 0; i < width; ++i) element[i] = static_cast<std::uint32_t>(i);
  const auto reciprocal = static_cast<std::uint32_t>(65536 / cols + 1);
  for (std::int64_t i = 0; i < cols; ++i, element += width) row[i] = element * reciprocal >> 16;
  for (std::int64_t r = 0; r < rows; r += width) {
    const std::int64_t first = std::min(r, rows - width);  // the last vector may do rows again
    const Words v = load(x + first);
    std::uint32_t* const to = d + first * cols;
    for (std::int64_t i = 0; i < cols; ++i) store(to + i * width, lookup(v, row[i]));
  }
}

template <typename T>
void expand(char* dst, const char* a, const char*, const char*, std::int64_t,
            const Block& block) {
  T* d = reinterpret_cast<T*>(dst);
  const T* x = reinterpret_cast<const T*>(a);
  const std::int64_t rows = block.rows;
  const std::int64_t cols = block.cols;
  if constexpr (sizeof(T) == 4) {
    if (has_lookup && cols < width && rows >= width) return expand_short(d, x, rows, cols);
    if (cols >= width) {
      for (std::int64_t r = 0; r < rows; ++r, d += cols) {
        const Words v = splat(x[r]);
        for (std::int64_t i = 0; i + width <= cols; i += width) store(d + i, v);
        store(d + cols - width, v);
      }
      return;
    }
  }
  for (std::int64_t r = 0; r < rows; ++r, d += cols) {
    const T value = x[r];
    for (std::int64_t i = 0; i < cols; ++i) d[i] = value;
  }
}

}  // namespace

Function find_expand(std::size_t size) {
  return with_bytes(size, [](auto zero) -> Function { return &expand<decltype(zero)>; });
}

}  // namespace cornu::block
