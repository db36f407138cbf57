// The inner loops of reductions: rows to one value each, and many rows to one row.
//
// Sums go in two levels, within blocks and over blocks, so that rounding errors grow with the root
// of the number of elements at the most.
#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>

#include "core/simd.h"
#include "kernels/combine.h"

namespace cornu {

template <int by, typename V, std::size_t... i>
inline V rotated(V v, std::index_sequence<i...>) {
  constexpr int n = static_cast<int>(sizeof...(i));
  return __builtin_shufflevector(v, v, ((static_cast<int>(i) + by) % n)...);
}

template <typename T, typename Op, int half = lanes<T> / 2>
inline T fold_lanes(Vector<T> v) {
  if constexpr (half == 0) {
    return v[0];
  } else {
    v = Op::of(v, rotated<half>(v, std::make_index_sequence<static_cast<std::size_t>(lanes<T>)>{}));
    return fold_lanes<T, Op, half / 2>(v);
  }
}

// All of a row.
template <typename T, typename Op>
inline T fold_row(const T* x, std::int64_t n) {
  T total = Op::template start<T>();
  std::int64_t i = 0;
  if (n >= lanes<T>) {
    Vector<T> sum = splat(Op::template start<T>());
    constexpr std::int64_t step = 4 * lanes<T>, block = 64 * step;
    while (n - i >= step) {
      std::int64_t end = i + std::min(block, (n - i) / step * step);
      Vector<T> a[4];
      for (int k = 0; k < 4; ++k) a[k] = load(x + i + k * lanes<T>);
      for (i += step; i < end; i += step) {
        for (int k = 0; k < 4; ++k) a[k] = Op::of(a[k], load(x + i + k * lanes<T>));
      }
      sum = Op::of(sum, Op::of(Op::of(a[0], a[1]), Op::of(a[2], a[3])));
    }
    for (; n - i >= lanes<T>; i += lanes<T>) sum = Op::of(sum, load(x + i));
    total = fold_lanes<T, Op>(sum);
  }
  for (; i < n; ++i) total = Op::of(total, x[i]);
  return total;
}

// y[i] = all of row i, for rows of n elements one behind the other.
template <typename T, typename Op>
inline void fold_rows(const T* x, T* y, std::int64_t rows, std::int64_t n) {
  std::int64_t i = 0;
  if (n < lanes<T>) {  // short rows: eight chains at a time hide the latency
    for (; i + 8 <= rows; i += 8) {
      T a[8];
      for (int k = 0; k < 8; ++k) a[k] = Op::template start<T>();
      for (std::int64_t j = 0; j < n; ++j) {
        for (int k = 0; k < 8; ++k) a[k] = Op::of(a[k], x[(i + k) * n + j]);
      }
      std::copy_n(a, 8, y + i);
    }
  }
  for (; i < rows; ++i) y[i] = fold_row<T, Op>(x + i * n, n);
}

// The same vectors of `rows` rows, into acc.
template <typename T, typename Op, int vectors>
inline void fold_tile(const T* x, std::int64_t stride, std::int64_t rows, T* acc) {
  Vector<T> a[vectors];
  for (int k = 0; k < vectors; ++k) a[k] = load(x + k * lanes<T>);
  for (std::int64_t r = 1; r < rows; ++r) {
    x += stride;
    for (int k = 0; k < vectors; ++k) a[k] = Op::of(a[k], load(x + k * lanes<T>));
  }
  for (int k = 0; k < vectors; ++k) {
    T* to = acc + k * lanes<T>;
    store(to, Op::of(load(to), a[k]));
  }
}

// acc[j] takes in x[r * stride + j] of all rows, for j < columns.
template <typename T, typename Op>
inline void fold_wide(const T* x, std::int64_t stride, std::int64_t rows, std::int64_t columns,
                      T* acc) {
  // A block of rows stays in the nearest cache while all its columns are summed.
  const std::int64_t width = columns * static_cast<std::int64_t>(sizeof(T));
  const std::int64_t fits = 32768 / std::max<std::int64_t>(width, 1);
  const std::int64_t block = std::clamp<std::int64_t>(fits, 8, 256);
  for (std::int64_t r = 0; r < rows; r += block, x += block * stride) {
    const std::int64_t many = std::min(block, rows - r);
    std::int64_t j = 0;
    for (; j + 4 * lanes<T> <= columns; j += 4 * lanes<T>) {
      fold_tile<T, Op, 4>(x + j, stride, many, acc + j);
    }
    for (; j + lanes<T> <= columns; j += lanes<T>) {
      fold_tile<T, Op, 1>(x + j, stride, many, acc + j);
    }
    for (; j < columns; ++j) {
      T a = x[j];
      for (std::int64_t i = 1; i < many; ++i) a = Op::of(a, x[i * stride + j]);
      acc[j] = Op::of(acc[j], a);
    }
  }
}

// The same; narrow rows without gaps are taken several at a time, as one wide row.
template <typename T, typename Op>
inline void fold_columns(const T* x, std::int64_t stride, std::int64_t rows, std::int64_t columns,
                         T* acc) {
  constexpr std::int64_t several = lanes<T>, narrow = 4 * lanes<T>;
  if (columns >= narrow || stride != columns || rows < 2 * several) {
    fold_wide<T, Op>(x, stride, rows, columns, acc);
    return;
  }
  T wide[static_cast<std::size_t>(several * narrow)];
  const std::int64_t groups = rows / several, width = several * columns;
  std::fill_n(wide, width, Op::template start<T>());
  fold_wide<T, Op>(x, width, groups, width, wide);
  for (std::int64_t k = several / 2; k > 0; k /= 2) {
    for (std::int64_t j = 0; j < k * columns; ++j) wide[j] = Op::of(wide[j], wide[j + k * columns]);
  }
  for (std::int64_t j = 0; j < columns; ++j) acc[j] = Op::of(acc[j], wide[j]);
  const std::int64_t done = groups * several;
  if (done < rows) fold_wide<T, Op>(x + done * stride, stride, rows - done, columns, acc);
}

}  // namespace cornu
