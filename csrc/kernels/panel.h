// Panels of the second operand: for each reduced element one row, some whole vectors wide.
#pragma once

#include <cstring>

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

// Copies `rows` rows of k elements so that those of a column are neighbours: to[k][rows]. Writes up
// to lanes<T> elements beyond the end. Either stride is 1.
template <typename T>
void pack_rows(const T* from, std::int64_t stride_m, std::int64_t stride_k, int rows,
               std::int64_t k, T* to) {
  constexpr std::int64_t n = lanes<T>;
  if (stride_k == 1) {
    // Each column is written as a whole vector: the next one overwrites what is too much.
    for (std::int64_t i = 0; i < k; i += n) {
      const int width = static_cast<int>(k - i < n ? k - i : n);
      for (int r = 0; r < rows; r += static_cast<int>(n)) {
        const int height = rows - r < n ? rows - r : static_cast<int>(n);
        transpose_square(from + r * stride_m + i, stride_m, to + i * rows + r, rows, height, width);
      }
    }
    return;
  }
  for (std::int64_t i = 0; i < k; ++i, from += stride_k, to += rows) {
    for (int r = 0; r < rows; ++r) to[r] = from[r * stride_m];
  }
}

}  // namespace cornu
