// Reductions along rows: from all elements of a block to one per row.
#include <cstring>
#include <limits>
#include <type_traits>

#include "core/simd.h"
#include "kernels/block/loops.h"

namespace cornu::block {
namespace {

// Vectors of integers are summed as unsigned ones: they wrap.
template <typename T>
using Summed = std::conditional_t<std::is_integral<T>::value, std::make_unsigned<T>,
                                  std::enable_if<true, T>>;

struct Sum {
  template <typename T>
  static T identity() {
    return T{0};
  }
  template <typename V>
  static V join(V a, V b) {
    return a + b;
  }
};

template <typename T>
constexpr T highest() {
  return std::numeric_limits<T>::has_infinity ? std::numeric_limits<T>::infinity()
                                              : std::numeric_limits<T>::max();
}
template <typename T>
constexpr T lowest() {
  return std::numeric_limits<T>::has_infinity ? -std::numeric_limits<T>::infinity()
                                              : std::numeric_limits<T>::lowest();
}

// NaN wins from either side.
struct Max {
  template <typename T>
  static T identity() {
    return lowest<T>();
  }
  template <typename V>
  static V join(V a, V b) {
    return ((a >= b) | (a != a)) ? a : b;
  }
};

struct Min {
  template <typename T>
  static T identity() {
    return highest<T>();
  }
  template <typename V>
  static V join(V a, V b) {
    return ((a <= b) | (a != a)) ? a : b;
  }
};

template <typename T, int bytes>
struct VectorOfBytes {
  typedef T type __attribute__((vector_size(bytes)));
};

// All lanes of a vector of `bytes` bytes, halves joined again and again.
template <typename F, typename T, int bytes>
T fold(typename VectorOfBytes<T, bytes>::type v) {
  if constexpr (bytes > 16) {
    typename VectorOfBytes<T, bytes / 2>::type halves[2];
    std::memcpy(halves, &v, sizeof halves);
    return fold<F, T, bytes / 2>(F::join(halves[0], halves[1]));
  } else {
    T x[16 / sizeof(T)];
    std::memcpy(x, &v, sizeof x);
    for (int n = 8 / sizeof(T); n > 0; n /= 2) {
      for (int i = 0; i < n; ++i) x[i] = F::join(x[i], x[i + n]);
    }
    return x[0];
  }
}

// The last lanes of a row, the others are the identity.
template <typename F, typename T>
Vector<T> load_rest(const T* p, int count) {
#if defined(__AVX512F__)
  if constexpr (std::is_same<T, float>::value) {
    return (Vector<T>)_mm512_mask_loadu_ps((__m512)splat(F::template identity<T>()),
                                           static_cast<__mmask16>((1u << count) - 1), p);
  } else if constexpr (std::is_same<T, double>::value) {
    return (Vector<T>)_mm512_mask_loadu_pd((__m512d)splat(F::template identity<T>()),
                                           static_cast<__mmask8>((1u << count) - 1), p);
  }
#endif
  Vector<T> v = splat(F::template identity<T>());
  for (int i = 0; i < count; ++i) v[i] = p[i];
  return v;
}

template <typename F, typename T>
T reduce_row(const T* x, std::int64_t n) {
  constexpr int width = lanes<T>;
  if (n < width) {
    if (n <= 4) {
      T y = F::template identity<T>();
      for (std::int64_t i = 0; i < n; ++i) y = F::join(y, x[i]);
      return y;
    }
    return fold<F, T, vector_bytes>(load_rest<F>(x, static_cast<int>(n)));
  }
  std::int64_t i = 0;
  Vector<T> v = load(x);
  i = width;
  if (n >= 4 * width) {  // four chains, else each addition waits for the one before
    Vector<T> a = load(x + width);
    Vector<T> b = load(x + 2 * width);
    Vector<T> c = load(x + 3 * width);
    for (i = 4 * width; i + 4 * width <= n; i += 4 * width) {
      v = F::join(v, load(x + i));
      a = F::join(a, load(x + i + width));
      b = F::join(b, load(x + i + 2 * width));
      c = F::join(c, load(x + i + 3 * width));
    }
    v = F::join(F::join(v, a), F::join(b, c));
  }
  for (; i + width <= n; i += width) v = F::join(v, load(x + i));
  if (i < n) v = F::join(v, load_rest<F>(x + i, static_cast<int>(n - i)));
  return fold<F, T, vector_bytes>(v);
}

template <typename F, typename T>
void reduce_rows(char* dst, const char* a, const char*, const char*, std::int64_t,
                 const Block& block) {
  T* d = reinterpret_cast<T*>(dst);
  const T* x = reinterpret_cast<const T*>(a);
  for (std::int64_t r = 0; r < block.rows; ++r, x += block.cols) {
    d[r] = reduce_row<F>(x, block.cols);
  }
}

// The first of equal extremes; NaN is the extreme.
template <typename F, typename T>
void place_rows(char* dst, const char* a, const char*, const char*, std::int64_t,
                const Block& block) {
  std::int32_t* d = reinterpret_cast<std::int32_t*>(dst);
  const T* x = reinterpret_cast<const T*>(a);
  for (std::int64_t r = 0; r < block.rows; ++r, x += block.cols) {
    const T extreme = reduce_row<F>(x, block.cols);
    std::int32_t i = 0;
    if (extreme == extreme) {
      while (x[i] != extreme) ++i;
    } else {
      while (x[i] == x[i]) ++i;
    }
    d[r] = i;
  }
}

template <typename T>
Function reduction(Op op) {
  switch (op) {
    case Op::row_sum:
      return &reduce_rows<Sum, typename Summed<T>::type>;
    case Op::row_max:
      return &reduce_rows<Max, T>;
    case Op::row_min:
      return &reduce_rows<Min, T>;
    case Op::row_argmax:
      return &place_rows<Max, T>;
    case Op::row_argmin:
      return &place_rows<Min, T>;
    default:
      return nullptr;
  }
}

}  // namespace

Function find_row(Op op, Dtype dtype) {
  switch (dtype) {
    case Dtype::float32:
      return reduction<float>(op);
    case Dtype::float64:
      return reduction<double>(op);
    case Dtype::int32:
      return reduction<std::int32_t>(op);
    case Dtype::int64:
      return reduction<std::int64_t>(op);
    case Dtype::uint32:
      return reduction<std::uint32_t>(op);
    case Dtype::uint8:
      return reduction<std::uint8_t>(op);
    case Dtype::boolean:
      return op == Op::row_sum ? nullptr : reduction<std::uint8_t>(op);
    default:
      return nullptr;
  }
}

}  // namespace cornu::block
