// Products whose operands both lie along the reduced axis, where few rows don't pay for turning b
// over: as many dot products at a time as a vector has lanes, folded into one vector of sums.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <utility>

#include "kernels/microkernel.h"
#include "kernels/transpose.h"

namespace cornu {

// A block of dot products: dot_block_rows x dot_block_columns of them, one for each lane.
template <typename T>
constexpr int dot_block_columns = lanes<T> < 4 ? lanes<T> : 4;
template <typename T>
constexpr int dot_block_rows = lanes<T> / dot_block_columns<T>;

// Whether that is faster than tiles, which turn b over first. Turning an element costs as much as
// multiplying it with some six rows, folding as much as some thirty elements more of each vector;
// with few registers, loads cost as well.
template <typename T>
bool worth_dot_blocks(std::int64_t m, std::int64_t k) {
  constexpr std::int64_t high = dot_block_rows<T>;
  constexpr double cost = vector_registers >= 32 ? 1 : 1.75;
  if (lanes<T> < 8 || k < 4 * lanes<T>) return false;
  const auto rows = static_cast<double>((m + high - 1) / high * high);
  return rows * (cost + 30 / static_cast<double>(k)) - static_cast<double>(m) < 5.5;
}

template <typename T, int half, int... i>
inline void fold_lanes(Vector<T>* v, std::integer_sequence<int, i...>) {
  if constexpr (half > 0) {
    using Lanes = std::make_integer_sequence<int, lanes<T>>;
    ((v[i] = butterfly<T, half, false>(v[i], v[i + half], Lanes()) +
             butterfly<T, half, true>(v[i], v[i + half], Lanes())),
     ...);
    fold_lanes<T, half / 2>(v, std::make_integer_sequence<int, half / 2>());
  }
}

// Lane i of the result is the sum of all lanes of v[i].
template <typename T>
inline Vector<T> sums_of_lanes(Vector<T>* v) {
  constexpr int half = lanes<T> / 2;
  fold_lanes<T, half>(v, std::make_integer_sequence<int, half>());
  return v[0];
}

// Lane r * dot_block_columns + q: the product of rows a[r] and b[q], both of k elements.
template <typename T>
Vector<T> dot_block(const T* const* a, const T* const* b, std::int64_t k) {
  constexpr int rows = dot_block_rows<T>, columns = dot_block_columns<T>;
  Vector<T> acc[lanes<T>];
  const T *x[rows], *y[columns];
  each<lanes<T>>([&](auto i) CORNU_INLINE { acc[i] = Vector<T>{}; });
  each<rows>([&](auto r) CORNU_INLINE { x[r] = a[r]; });
  each<columns>([&](auto q) CORNU_INLINE { y[q] = b[q]; });
  const auto step = [&](std::int64_t at, auto read) CORNU_INLINE {
    Vector<T> column[columns];
    each<columns>([&](auto q) CORNU_INLINE { column[q] = read(y[q] + at); });
    each<rows>([&](auto r) CORNU_INLINE {
      const Vector<T> row = read(x[r] + at);
      each<columns>([&](auto q) CORNU_INLINE {
        acc[r * columns + q] = fma(row, column[q], acc[r * columns + q]);
      });
    });
  };
  const std::int64_t whole = k / lanes<T> * lanes<T>;
  for (std::int64_t at = 0; at < whole; at += lanes<T>) {
    step(at, [](const T* p) CORNU_INLINE { return load(p); });
  }
  if (whole < k) {
    const int rest = static_cast<int>(k - whole);
    step(whole, [rest](const T* p) CORNU_INLINE { return load_part(p, rest); });
  }
  return sums_of_lanes<T>(acc);
}

// sums[i * stride + j]: the product of row i of a and row j of b. Blocks at the ends take their
// last row several times; rows of sums have room for whole blocks. What one pass over a reads of b
// stays in the first-level cache.
template <typename T>
void dot_blocks(const T* a, std::int64_t a_stride, std::int64_t rows, const T* b,
                std::int64_t b_stride, std::int64_t columns, std::int64_t k, T* sums,
                std::int64_t stride) {
  constexpr std::int64_t high = dot_block_rows<T>, wide = dot_block_columns<T>;
  for (std::int64_t j = 0; j < columns; j += wide) {
    const T* y[wide];
    for (std::int64_t q = 0; q < wide; ++q) y[q] = b + std::min(j + q, columns - 1) * b_stride;
    for (std::int64_t i = 0; i < rows; i += high) {
      const T* x[high];
      for (std::int64_t r = 0; r < high; ++r) x[r] = a + std::min(i + r, rows - 1) * a_stride;
      T block[lanes<T>];
      store(block, dot_block(x, y, k));
      const std::int64_t height = std::min(high, rows - i);
      for (std::int64_t r = 0; r < height; ++r) {
        std::memcpy(sums + (i + r) * stride + j, block + r * wide, wide * sizeof(T));
      }
    }
  }
}

}  // namespace cornu
