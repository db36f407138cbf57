// Squares of lanes<T> x lanes<T> elements turned over in registers.
#pragma once

#include <cstdint>
#include <type_traits>
#include <utility>

#include "core/simd.h"

namespace cornu {

// Lanes of x and y whose number has (or lacks) the bit `half`, as one step of a butterfly takes
// them; lanes of y count from `n`.
constexpr int butterfly_lane(int lane, int half, int n, bool upper) {
  const bool from_y = (lane & half) != 0;
  const int x = upper ? lane | half : lane & ~half;
  return from_y ? n + x : x;
}

template <typename T, int half, bool upper, int... lane>
inline Vector<T> butterfly(Vector<T> x, Vector<T> y, std::integer_sequence<int, lane...>) {
  return __builtin_shufflevector(x, y, butterfly_lane(lane, half, lanes<T>, upper)...);
}

template <typename T, int half, int row>
inline void butterfly_rows(Vector<T>* rows) {
  if constexpr ((row & half) == 0) {
    using Lanes = std::make_integer_sequence<int, lanes<T>>;
    const Vector<T> x = rows[row], y = rows[row + half];
    rows[row] = butterfly<T, half, false>(x, y, Lanes());
    rows[row + half] = butterfly<T, half, true>(x, y, Lanes());
  }
}

// One step for the first `width` rows of the result, a power of two: what it exchanges may come
// from beyond them, but isn't wanted there.
template <typename T, int half, int width, int row>
inline void butterfly_wanted(Vector<T>* rows) {
  if constexpr (half < width) {
    if constexpr (row < width) butterfly_rows<T, half, row>(rows);
  } else if constexpr (row < half) {
    using Lanes = std::make_integer_sequence<int, lanes<T>>;
    rows[row] = butterfly<T, half, false>(rows[row], rows[row + half], Lanes());
  }
}

// All steps, the farthest first, so that the later ones have fewer rows to do.
template <typename T, int half, int width, int... row>
inline void butterfly_steps(Vector<T>* rows, std::integer_sequence<int, row...> all) {
  if constexpr (half > 0) {
    (butterfly_wanted<T, half, width, row>(rows), ...);
    butterfly_steps<T, half / 2, width>(rows, all);
  }
}

// A part of a square: its first `height` rows and `width` <= most columns.
template <typename T, int most>
void transpose_part(const T* from, std::int64_t from_stride, T* to, std::int64_t to_stride,
                    int height, int width) {
  constexpr int n = lanes<T>;
  Vector<T> rows[n];
  for (int i = 0; i < n; ++i) {
    rows[i] = i < height ? load_part(from + i * from_stride, width) : Vector<T>{};
  }
  butterfly_steps<T, n / 2, most>(rows, std::make_integer_sequence<int, n>());
  for (int j = 0; j < width; ++j) store(to + j * to_stride, rows[j]);
}

// to[j * to_stride + i] = from[i * from_stride + j] for i < height, j < width; both at most
// lanes<T>. Rows of `to` are written whole: lanes from `height` on become 0.
template <typename T>
inline void transpose_square(const T* from, std::int64_t from_stride, T* to,
                             std::int64_t to_stride, int height, int width) {
  constexpr int n = lanes<T>;
  if (height == n && width == n) {
    Vector<T> rows[n];
    for (int i = 0; i < n; ++i) rows[i] = load(from + i * from_stride);
    butterfly_steps<T, n / 2, n>(rows, std::make_integer_sequence<int, n>());
    for (int j = 0; j < n; ++j) store(to + j * to_stride, rows[j]);
  } else if (height == 1) {
    for (int j = 0; j < width; ++j) store(to + j * to_stride, load_part(from + j, 1));
  } else if (width > n / 2) {
    transpose_part<T, n>(from, from_stride, to, to_stride, height, width);
  } else if (width > n / 4) {
    transpose_part<T, n / 2>(from, from_stride, to, to_stride, height, width);
  } else {
    transpose_part<T, (n > 4 ? n / 4 : 1)>(from, from_stride, to, to_stride, height, width);
  }
}

}  // namespace cornu
