// Panels of the second operand: for each reduced element one row, some whole vectors wide.
#pragma once

#include <algorithm>

#include "kernels/microkernel.h"
#include "kernels/transpose.h"

namespace cornu {

// Copies a block of k x columns elements with any strides to rows of `width`, a multiple of
// lanes<T>; what is beyond `columns` becomes 0.
template <typename T>
void pack_panel(const T* from, std::int64_t stride_k, std::int64_t stride_n, std::int64_t k,
                std::int64_t columns, T* to, std::int64_t width) {
  constexpr std::int64_t n = lanes<T>;
  if (stride_n == 1) {
    const std::int64_t whole = columns / n * n;
    const int rest = static_cast<int>(columns - whole);
    for (std::int64_t i = 0; i < k; ++i, from += stride_k, to += width) {
      for (std::int64_t j = 0; j < whole; j += n) store(to + j, load(from + j));
      if (rest) store(to + whole, load_part(from + whole, rest));
    }
    return;
  }
  if (stride_k == 1) {
    for (std::int64_t j = 0; j < columns; j += n) {
      const int height = static_cast<int>(columns - j < n ? columns - j : n);
      for (std::int64_t i = 0; i < k; i += n) {
        const int along = static_cast<int>(k - i < n ? k - i : n);
        transpose_square(from + j * stride_n + i, stride_n, to + i * width + j, width, height,
                         along);
      }
    }
    return;
  }
  for (std::int64_t i = 0; i < k; ++i, from += stride_k, to += width) {
    for (std::int64_t j = 0; j < columns; ++j) to[j] = from[j * stride_n];
    for (std::int64_t j = columns; j < width; ++j) to[j] = 0;
  }
}

// Copies rows of k elements for tiles as high as the pieces of `heights`: a tile's elements of one
// column are neighbours, to[tile][k][rows in tile]. Writes up to lanes<T> elements beyond the end.
// One of the strides is 1.
template <typename T>
void pack_rows(const T* from, std::int64_t stride_m, std::int64_t stride_k, const Pieces& heights,
               std::int64_t k, T* to) {
  constexpr std::int64_t n = lanes<T>;
  for (std::int64_t tile = 0; tile < heights.count; ++tile) {
    const std::int64_t top = heights.begin(tile), rows = heights.begin(tile + 1) - top;
    // Columns are written as whole vectors. What is too much is overwritten later: by the next
    // column, whose first rows come after its last ones.
    for (std::int64_t r = (rows - 1) / n * n; r >= 0; r -= n) {
      const int height = static_cast<int>(std::min(rows - r, n));
      const T* source = from + (top + r) * stride_m;
      T* column = to + top * k + r;
      if (stride_k == 1) {
        for (std::int64_t i = 0; i < k; i += n) {
          const int width = static_cast<int>(std::min(k - i, n));
          transpose_square(source + i, stride_m, column + i * rows, rows, height, width);
        }
      } else {
        for (std::int64_t i = 0; i < k; ++i) {
          store(column + i * rows, load_part(source + i * stride_k, height));
        }
      }
    }
  }
}

}  // namespace cornu
