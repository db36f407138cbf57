#include "kernels/block/short_rows.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "kernels/combine.h"
#include "kernels/transpose.h"

namespace cornu::block {
namespace {

template <int count>
struct PieceOf {
  typedef float type __attribute__((vector_size(count * sizeof(float))));
};
template <int count>
using Piece = typename PieceOf<count>::type;

template <typename V, int... lane>
inline auto joined(V a, V b, std::integer_sequence<int, lane...>) {
  return __builtin_shufflevector(a, b, lane...);
}

// `count` lanes: pieces of `width` elements, each of them `step` elements behind the one before.
template <int count, int width>
inline Piece<count> load_pieces(const float* p, std::int64_t step) {
  if constexpr (count == width) {
    Piece<count> piece;
    std::memcpy(&piece, p, sizeof piece);
    return piece;
  } else {
    constexpr int half = count / 2;
    return joined(load_pieces<half, width>(p, step),
                  load_pieces<half, width>(p + half / width * step, step),
                  std::make_integer_sequence<int, count>{});
  }
}

// Squares of width x width, side by side in vectors, each turned over in itself.
template <int half, int width, int... row>
inline void turn_squares(Floats* v, std::integer_sequence<int, row...> all) {
  if constexpr (half < width) {
    (butterfly_rows<float, half, row>(v), ...);
    turn_squares<half * 2, width>(v, all);
  }
}

// The widest piece that `cols` columns hold, less wide if fewer columns are left.
constexpr int width_for(int cols, int left) {
  int width = lanes<float>;
  while (width > cols || (width > 4 && width / 2 >= left)) width /= 2;
  return width;
}

// Column `c` of 2 or 3, out of rows that lie close together in as many vectors.
template <int cols, int c, int... lane>
inline Floats column_of(const Floats* v, std::integer_sequence<int, lane...>) {
  constexpr int n = lanes<float>;
  const Floats two = __builtin_shufflevector(v[0], v[1], (lane * cols + c) % (2 * n)...);
  if constexpr (cols == 2) return two;
  return __builtin_shufflevector(
      two, v[cols - 1], (lane * cols + c < 2 * n ? lane : lane * cols + c - n)...);
}

template <int cols, typename F, int... c>
inline void each_of_few(const float* x, F&& f, std::integer_sequence<int, c...>) {
  Floats v[cols];
  for (int i = 0; i < cols; ++i) v[i] = load(x + i * lanes<float>);
  (f(c, column_of<cols, c>(v, std::make_integer_sequence<int, lanes<float>>{})), ...);
}

// Calls `f(column, its elements in a vector of rows)` for one column after the other.
// The last piece may begin at columns that are done: nothing is read behind a row.
template <int cols, int done = 0, typename F>
inline void each_column(const float* x, F&& f) {
  if constexpr (cols < 4) {
    each_of_few<cols>(x, f, std::make_integer_sequence<int, cols>{});
  } else if constexpr (done < cols) {
    constexpr int width = width_for(cols, cols - done);
    constexpr int first = std::min(done, cols - width);
    Floats v[width];
    for (int i = 0; i < width; ++i) {
      v[i] = load_pieces<lanes<float>, width>(x + first + i * cols, width * cols);
    }
    turn_squares<1, width>(v, std::make_integer_sequence<int, width>{});
    for (int i = done - first; i < width; ++i) f(first + i, v[i]);
    each_column<cols, first + width>(x, f);
  }
}

// Calls `f(row, elements)` for vectors of rows; the last one may do rows again.
template <int cols, typename F>
inline void each_rows(const char* a, const Block& block, F&& f) {
  constexpr int width = lanes<float>;
  const float* x = reinterpret_cast<const float*>(a);
  for (std::int64_t r = 0; r < block.rows; r += width) {
    const std::int64_t row = std::min(r, block.rows - width);
    f(row, x + row * cols);
  }
}

template <typename F, int cols>
void reduce(char* dst, const char* a, const char*, const char*, std::int64_t, const Block& block) {
  float* d = reinterpret_cast<float*>(dst);
  each_rows<cols>(a, block, [&](std::int64_t row, const float* x) {
    Floats joined_columns{};
    each_column<cols>(x, [&](int column, Floats v) {
      joined_columns = column == 0 ? v : F::of(joined_columns, v);
    });
    store(d + row, joined_columns);
  });
}

// The first of equal extremes; NaN is the extreme.
template <bool largest, int cols>
void place(char* dst, const char* a, const char*, const char*, std::int64_t, const Block& block) {
  using Places = Vector<std::int32_t>;
  std::int32_t* d = reinterpret_cast<std::int32_t*>(dst);
  each_rows<cols>(a, block, [&](std::int64_t row, const float* x) {
    Floats extreme{};
    Places found{};
    each_column<cols>(x, [&](int column, Floats v) {
      const Places further = largest ? v > extreme : v < extreme;
      const Places better = further | ((v != v) & (extreme == extreme));
      const bool first = column == 0;
      extreme = first ? v : (better ? v : extreme);
      found = first ? found : (better ? splat(column) : found);
    });
    store(d + row, found);
  });
}

template <int cols>
Function reduction(Op op) {
  switch (op) {
    case Op::row_sum:
      return &reduce<Plus, cols>;
    case Op::row_max:
      return &reduce<Greatest, cols>;
    case Op::row_min:
      return &reduce<Least, cols>;
    case Op::row_argmax:
      return &place<true, cols>;
    case Op::row_argmin:
      return &place<false, cols>;
    default:
      return nullptr;
  }
}

template <int... cols>
Function pick(Op op, std::int64_t wanted, std::integer_sequence<int, cols...>) {
  Function found = nullptr;
  ((wanted == cols + 2 ? void(found = reduction<cols + 2>(op)) : void()), ...);
  return found;
}

}  // namespace

Function find_short_row(Op op, std::int64_t cols) {
  return pick(op, cols, std::make_integer_sequence<int, longest_short_row - 1>{});
}

}  // namespace cornu::block
