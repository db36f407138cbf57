// Reductions along rows: from all elements of a block to one per row.
#include <algorithm>
#include <cstring>
#include <limits>
#include <type_traits>
#include <utility>

#include "core/simd.h"
#include "kernels/block/loops.h"
#include "kernels/block/short_rows.h"

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
    const V larger = a > b ? a : b;  // the one instruction that machines have: b if any is NaN
    return a != a ? a : larger;
  }
};

struct Min {
  template <typename T>
  static T identity() {
    return highest<T>();
  }
  template <typename V>
  static V join(V a, V b) {
    const V smaller = a < b ? a : b;
    return a != a ? a : smaller;
  }
};

template <typename T, int bytes>
struct VectorOfBytes {
  typedef T type __attribute__((vector_size(bytes)));
};

template <typename T>
struct LaneNumber {
  using type = std::conditional_t<sizeof(T) == 1, std::int8_t,
                                  std::conditional_t<sizeof(T) == 4, std::int32_t, std::int64_t>>;
};

// Lane i becomes lane i + by of 16 bytes, counted around.
template <typename V, std::size_t... lane>
inline V turned(V v, std::size_t by, std::index_sequence<lane...>) {
#if defined(__clang__)
  V w;
  ((w[lane] = v[(lane + by) % sizeof...(lane)]), ...);
  return w;
#else
  using Number = typename LaneNumber<std::decay_t<decltype(v[0])>>::type;
  typedef Number Numbers __attribute__((vector_size(16)));
  return __builtin_shuffle(
      v, Numbers{static_cast<Number>((lane + by) % sizeof...(lane))...});
#endif
}

// All lanes of a vector of `bytes` bytes, halves joined again and again. Vectors to the end: single
// elements would be compared by branches, which random data mispredict.
template <typename F, typename T, int bytes>
inline T fold(typename VectorOfBytes<T, bytes>::type v) {
  if constexpr (bytes > 16) {
    typename VectorOfBytes<T, bytes / 2>::type halves[2];
    std::memcpy(halves, &v, sizeof halves);
    return fold<F, T, bytes / 2>(F::join(halves[0], halves[1]));
  } else {
    constexpr std::size_t width = 16 / sizeof(T);
    for (std::size_t by = width / 2; by > 0; by /= 2) {
      v = F::join(v, turned(v, by, std::make_index_sequence<width>{}));
    }
    return v[0];
  }
}

template <typename T>
struct Row {
  const T* begin;
  std::int64_t size;
  const T* readable;  // the end of the block
};

// The first lanes from memory, the others the identity. Whole vectors are read where rows follow:
// processors don't fetch ahead for masked loads.
template <typename F, typename T>
Vector<T> load_rest(const T* p, int count, const T* readable) {
  constexpr int width = lanes<T>;
  Vector<T> v = splat(F::template identity<T>());
  if (readable - p >= width) {
    using Number = typename LaneNumber<T>::type;
    Vector<Number> lane{};
    for (int i = 0; i < width; ++i) lane[i] = static_cast<Number>(i);
    return lane < splat(static_cast<Number>(count)) ? load(p) : v;
  }
  for (int i = 0; i < count; ++i) v[i] = p[i];
  return v;
}

template <typename F, typename T>
T reduce_row(const Row<T>& row) {
  constexpr int width = lanes<T>;
  const T* x = row.begin;
  const std::int64_t n = row.size;
  if (n < width) {
    if (n == 0) return F::template identity<T>();
    if (n == 1) return x[0];
    return fold<F, T, vector_bytes>(load_rest<F>(x, static_cast<int>(n), row.readable));
  }
  std::int64_t i = width;
  Vector<T> v = load(x);
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
  if (i < n) v = F::join(v, load_rest<F>(x + i, static_cast<int>(n - i), row.readable));
  return fold<F, T, vector_bytes>(v);
}

template <typename F, typename T>
void reduce_rows(char* dst, const char* a, const char*, const char*, std::int64_t,
                 const Block& block) {
  T* d = reinterpret_cast<T*>(dst);
  const T* x = reinterpret_cast<const T*>(a);
  Row<T> row{x, block.cols, x + block.count};
  for (std::int64_t r = 0; r < block.rows; ++r, row.begin += block.cols) {
    d[r] = reduce_row<F>(row);
  }
}

// The first of equal extremes; NaN is the extreme. Lanes keep the lowest index that they saw: a
// search would end at a place that no processor can predict.
template <typename T>
std::int32_t place_of(const Row<T>& row, T extreme) {
  constexpr int width = lanes<T>;
  using Number = typename LaneNumber<T>::type;
  using Numbers = Vector<Number>;
  const Numbers none = splat(std::numeric_limits<Number>::max());
  Numbers lane{};
  for (int i = 0; i < width; ++i) lane[i] = static_cast<Number>(i);
  Numbers first = none;
  for (std::int64_t i = 0; i < row.size; i += width, lane += width) {
    const int count = static_cast<int>(std::min<std::int64_t>(row.size - i, width));
    const T* p = row.begin + i;
    // Lanes beyond the row may hold the extreme, with an index that is higher than the first one.
    const Vector<T> v = count == width ? load(p) : load_rest<Max>(p, count, row.readable);
    const Numbers here = ((v == splat(extreme)) | (v != v)) ? lane : none;
    first = here < first ? here : first;
  }
  return static_cast<std::int32_t>(fold<Min, Number, vector_bytes>(first));
}

// Bytes can't count their lanes.
inline std::int32_t place_of(const Row<std::uint8_t>& row, std::uint8_t extreme) {
  std::int32_t i = 0;
  while (row.begin[i] != extreme) ++i;
  return i;
}

template <typename F, typename T>
void place_rows(char* dst, const char* a, const char*, const char*, std::int64_t,
                const Block& block) {
  std::int32_t* d = reinterpret_cast<std::int32_t*>(dst);
  const T* x = reinterpret_cast<const T*>(a);
  Row<T> row{x, block.cols, x + block.count};
  for (std::int64_t r = 0; r < block.rows; ++r, row.begin += block.cols) {
    d[r] = place_of(row, reduce_row<F>(row));
  }
}

// Short rows of floats together, if there are enough of them.
template <Function function, Op op>
void float_rows(char* dst, const char* a, const char* b, const char* c, std::int64_t n,
                const Block& block) {
  if (block.cols <= longest_short_row && block.rows >= lanes<float>) {
    const Function together = find_short_row(op, block.cols);
    if (together) return together(dst, a, b, c, n, block);
  }
  function(dst, a, b, c, n, block);
}

Function float_reduction(Op op) {
  switch (op) {
    case Op::row_sum:
      return &float_rows<reduce_rows<Sum, float>, Op::row_sum>;
    case Op::row_max:
      return &float_rows<reduce_rows<Max, float>, Op::row_max>;
    case Op::row_min:
      return &float_rows<reduce_rows<Min, float>, Op::row_min>;
    case Op::row_argmax:
      return &float_rows<place_rows<Max, float>, Op::row_argmax>;
    case Op::row_argmin:
      return &float_rows<place_rows<Min, float>, Op::row_argmin>;
    default:
      return nullptr;
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
      return float_reduction(op);
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
