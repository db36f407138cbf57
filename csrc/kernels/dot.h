// Products with few columns: every element is a dot product of two contiguous vectors.
#pragma once

#include <cstdint>

#include "core/simd.h"
#include "kernels/microkernel.h"

namespace cornu {

constexpr int dot_columns = 5;
constexpr int dot_rows = vector_registers >= 32 ? 4 : 2;

// What happens to an element's sum.
template <typename T>
struct DotStore {
  T* c;
  std::int64_t stride_m, stride_n;
  const T* bias;  // per column, or null
  std::int64_t bias_m, bias_n;
  const T* addend;  // or null
  std::int64_t addend_m, addend_n;
  bool relu;

  void operator()(std::int64_t i, std::int64_t j, T sum) const {
    T* at = c + i * stride_m + j * stride_n;
    if (addend) sum += addend[i * addend_m + j * addend_n];
    if (bias) sum += bias[i * bias_m + j * bias_n];
    *at = relu && sum < 0 ? T(0) : sum;
  }
};

// The sum of all lanes, by halves.
template <typename T, int half, int... lane>
inline T add_halves(Vector<T> v, std::integer_sequence<int, lane...> all) {
  if constexpr (half == 0) {
    return v[0];
  } else {
    const Vector<T> turned = __builtin_shufflevector(v, v, ((lane + half) % lanes<T>)...);
    return add_halves<T, half / 2>(v + turned, all);
  }
}
template <typename T>
inline T sum_of_lanes(Vector<T> v) {
  return add_halves<T, lanes<T> / 2>(v, std::make_integer_sequence<int, lanes<T>>{});
}

// rows x columns dot products of length k. Rows of a are a_stride apart, those of b (columns of
// the product) b_stride.
template <typename T, int rows, int columns>
void dot_tile(const T* a, std::int64_t a_stride, const T* b, std::int64_t b_stride, std::int64_t k,
              std::int64_t i, std::int64_t j, const DotStore<T>& put) {
  Vector<T> acc[rows][columns];
  each<rows>([&](auto r) CORNU_INLINE {
    each<columns>([&](auto q) CORNU_INLINE { acc[r][q] = Vector<T>{}; });
  });
  const auto step = [&](auto read) CORNU_INLINE {
    Vector<T> column[columns];
    each<columns>([&](auto q) CORNU_INLINE { column[q] = read(b + q * b_stride); });
    each<rows>([&](auto r) CORNU_INLINE {
      const Vector<T> x = read(a + r * a_stride);
      each<columns>([&](auto q) CORNU_INLINE { acc[r][q] = fma(x, column[q], acc[r][q]); });
    });
  };
  for (; k >= lanes<T>; k -= lanes<T>) {
    step([](const T* p) CORNU_INLINE { return load(p); });
    a += lanes<T>;
    b += lanes<T>;
  }
  if (k > 0) {
    const int rest = static_cast<int>(k);
    step([rest](const T* p) CORNU_INLINE { return load_part(p, rest); });
  }
  each<rows>([&](auto r) CORNU_INLINE {
    each<columns>([&](auto q) CORNU_INLINE { put(i + r, j + q, sum_of_lanes<T>(acc[r][q])); });
  });
}

template <typename T, int columns>
void dot_rows_of(const T* a, std::int64_t a_stride, const T* b, std::int64_t b_stride,
                 std::int64_t k, std::int64_t i, std::int64_t end, std::int64_t j,
                 const DotStore<T>& put) {
  // One column: eight rows keep the multipliers busy.
  constexpr int high = columns == 1 ? 8 : dot_rows;
  for (; i + high <= end; i += high) {
    dot_tile<T, high, columns>(a + i * a_stride, a_stride, b, b_stride, k, i, j, put);
  }
  for (; i < end; ++i) {
    dot_tile<T, 1, columns>(a + i * a_stride, a_stride, b, b_stride, k, i, j, put);
  }
}

// Rows [begin, end) of a product with n columns.
template <typename T>
void dot_products(const T* a, std::int64_t a_stride, const T* b, std::int64_t b_stride,
                  std::int64_t k, std::int64_t begin, std::int64_t end, std::int64_t n,
                  const DotStore<T>& put) {
  const Pieces pieces(n, dot_columns);
  for (std::int64_t p = 0; p < pieces.count; ++p) {
    const std::int64_t j = pieces.begin(p);
    const T* column = b + j * b_stride;
    switch (pieces.begin(p + 1) - j) {
      case 1:
        dot_rows_of<T, 1>(a, a_stride, column, b_stride, k, begin, end, j, put);
        break;
      case 2:
        dot_rows_of<T, 2>(a, a_stride, column, b_stride, k, begin, end, j, put);
        break;
      case 3:
        dot_rows_of<T, 3>(a, a_stride, column, b_stride, k, begin, end, j, put);
        break;
      case 4:
        dot_rows_of<T, 4>(a, a_stride, column, b_stride, k, begin, end, j, put);
        break;
      default:
        dot_rows_of<T, 5>(a, a_stride, column, b_stride, k, begin, end, j, put);
    }
  }
}

}  // namespace cornu
