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

template <typename T, int half, int... row>
inline void butterfly_steps(Vector<T>* rows, std::integer_sequence<int, row...> all) {
  if constexpr (half < lanes<T>) {
    (butterfly_rows<T, half, row>(rows), ...);
    butterfly_steps<T, half * 2>(rows, all);
  }
}

// to[j * to_stride + i] = from[i * from_stride + j] for i < height, j < width; both at most
// lanes<T>. Rows of `to` are written whole: lanes from `height` on become 0.
template <typename T>
inline void transpose_square(const T* from, std::int64_t from_stride, T* to,
                             std::int64_t to_stride, int height, int width) {
  constexpr int n = lanes<T>;
  Vector<T> rows[n];
  if (height == n && width == n) {
    for (int i = 0; i < n; ++i) rows[i] = load(from + i * from_stride);
  } else {
    for (int i = 0; i < n; ++i) {
      rows[i] = i < height ? load_part(from + i * from_stride, width) : Vector<T>{};
    }
  }
  butterfly_steps<T, 1>(rows, std::make_integer_sequence<int, n>{});
  if (width == n) {
    for (int j = 0; j < n; ++j) store(to + j * to_stride, rows[j]);
  } else {
    for (int j = 0; j < width; ++j) store(to + j * to_stride, rows[j]);
  }
}

}  // namespace cornu
