// The one loop in which products spend their time: a block of the result in registers.
//
// It multiplies rows of `a`, each given by a pointer, with a panel of `b`, some vectors wide. The
// reduced axis goes through runs of elements that are `step` apart, so that `a` may be a matrix,
// its transpose, a packed panel, or the pixels of an image under a window, read in place.
#pragma once

#include <cstdint>
#include <type_traits>
#include <utility>

#include "core/simd.h"
#include "kernels/tails.h"

namespace cornu {

template <typename T>
struct Tile {
  const T* const* a;         // per row
  const std::int64_t* runs;  // run i of row r begins at a[r] + runs[i]
  std::int64_t n_runs;
  std::int64_t length;  // of a run
  std::int64_t step;
  const T* b;  // one row of the panel per reduced element
  std::int64_t b_stride;
  T* const* c;      // per row
  const T* bias;    // as wide as the panel, or null
  bool accumulate;  // add what stands in `addend`, or in c if that is null
  bool relu;        // NaN stays
  int last;         // columns of the last vector, lanes<T> if it is full
  const T* const* addend = nullptr;
  // More blocks of the same size below the first, so many elements further on each.
  std::int64_t blocks = 1;
  std::int64_t next_a = 0, next_c = 0, next_addend = 0;
};

// One zero: the runs of an operand that has just one run.
constexpr std::int64_t one_run[1] = {0};

constexpr int max_rows = 8;
constexpr int max_vectors = 4;

// The highest block of `vectors` columns whose accumulators stay in registers.
constexpr int rows_for(int vectors) {
  constexpr int wide[max_vectors] = {8, 8, 8, 6};
  constexpr int narrow[max_vectors] = {8, 6, 4, 2};
  return vector_registers >= 32 ? wide[vectors - 1] : narrow[vectors - 1];
}

#define CORNU_INLINE __attribute__((always_inline))

// Calls f(0), f(1), .. f(n - 1) with constants, so that arrays they index may live in registers.
template <typename F, int... i>
inline CORNU_INLINE void each([[maybe_unused]] F&& f, std::integer_sequence<int, i...>) {
  (f(std::integral_constant<int, i>{}), ...);
}
template <int n, typename F>
inline CORNU_INLINE void each(F&& f) {
  each(f, std::make_integer_sequence<int, n>{});
}

// A block of rows x (whole vectors, and then one of the kind `Tail`).
template <typename T, int rows, int whole, typename Tail>
void multiply_tile(const Tile<T>& t) {
  constexpr int tail = whole * lanes<T>;  // its first column
  const int last = t.last;
  const std::int64_t b_stride = t.b_stride, step = t.step;
  for (std::int64_t block = 0; block < t.blocks; ++block) {
    Vector<T> acc[rows][whole + 1];
    typename Tail::V acc_tail[rows];
    const T* a[rows];
    const std::int64_t next_a = block * t.next_a;
    each<rows>([&](auto r) CORNU_INLINE {
      a[r] = t.a[r] + next_a;
      each<whole>([&](auto v) CORNU_INLINE { acc[r][v] = Vector<T>{}; });
      acc_tail[r] = typename Tail::V{};
    });
    const T* b = t.b;
    for (std::int64_t run = 0; run < t.n_runs; ++run) {
      std::int64_t i = t.runs[run];
      for (std::int64_t left = t.length; left > 0; --left) {
        Vector<T> column[whole + 1];
        each<whole>([&](auto v) CORNU_INLINE { column[v] = load(b + v * lanes<T>); });
        const auto column_tail = Tail::read(b + tail, last);
        each<rows>([&](auto r) CORNU_INLINE {
          if constexpr (whole > 0) {
            const Vector<T> x = splat(a[r][i]);
            each<whole>([&](auto v) CORNU_INLINE { acc[r][v] = fma(x, column[v], acc[r][v]); });
          }
          acc_tail[r] = Tail::multiply(Tail::spread(a[r][i]), column_tail, acc_tail[r]);
        });
        i += step;
        b += b_stride;
      }
    }
    if (t.accumulate) {
      const bool own = t.addend == nullptr;
      const std::int64_t next = block * (own ? t.next_c : t.next_addend);
      each<rows>([&](auto r) CORNU_INLINE {
        const T* d = (own ? t.c[r] : t.addend[r]) + next;
        each<whole>([&](auto v) CORNU_INLINE { acc[r][v] += load(d + v * lanes<T>); });
        acc_tail[r] += Tail::read(d + tail, last);
      });
    }
    if (t.bias) {
      each<whole>([&](auto v) CORNU_INLINE {
        const Vector<T> bias = load(t.bias + v * lanes<T>);
        each<rows>([&](auto r) CORNU_INLINE { acc[r][v] += bias; });
      });
      const auto bias = Tail::read(t.bias + tail, last);
      each<rows>([&](auto r) CORNU_INLINE { acc_tail[r] += bias; });
    }
    if (t.relu) {
      const auto cut = [](auto& x) CORNU_INLINE {
        using V = std::remove_reference_t<decltype(x)>;
        x = x < V{} ? V{} : x;
      };
      each<rows>([&](auto r) CORNU_INLINE {
        each<whole>([&](auto v) CORNU_INLINE { cut(acc[r][v]); });
        cut(acc_tail[r]);
      });
    }
    const std::int64_t next_c = block * t.next_c;
    each<rows>([&](auto r) CORNU_INLINE {
      T* c = t.c[r] + next_c;
      each<whole>([&](auto v) CORNU_INLINE { store(c + v * lanes<T>, acc[r][v]); });
      Tail::write(c + tail, acc_tail[r], last);
    });
  }
}

template <typename T>
using MultiplyTile = void (*)(const Tile<T>&);

// The function for a block of `rows` x `vectors`; `last` < lanes<T> if the last vector is partial.
template <typename T>
MultiplyTile<T> tile_function(int rows, int vectors, int last);

// Cuts `total` into the fewest pieces of at most `most`, as equal as can be: piece i is
// [begin(i), begin(i + 1)).
struct Pieces {
  std::int64_t total = 0, count = 0;
  Pieces() = default;
  Pieces(std::int64_t size, std::int64_t most)
      : total(size),
        count(size > 0 ? (size + most - 1) / most : 0),
        shorter_(count ? size / count : 0),
        longer_(count ? size % count : 0) {}
  std::int64_t begin(std::int64_t i) const { return i * shorter_ + (i < longer_ ? i : longer_); }
  // How many pieces from i on are as long as that one.
  std::int64_t alike(std::int64_t i) const { return (i < longer_ ? longer_ : count) - i; }

 private:
  std::int64_t shorter_ = 0, longer_ = 0;  // a size, and how many pieces have one more
};

// The panels of a result `columns` wide: whole vectors, but for the last one's end.
template <typename T>
struct Panels {
  std::int64_t columns = 0;
  Pieces pieces;
  Panels() = default;
  explicit Panels(std::int64_t width, int most = vector_registers >= 32 ? 4 : 2)
      : columns(width), pieces((width + lanes<T> - 1) / lanes<T>, most) {}
  std::int64_t count() const { return pieces.count; }
  std::int64_t begin(std::int64_t i) const { return pieces.begin(i) * lanes<T>; }
  int vectors(std::int64_t i) const {
    return static_cast<int>(pieces.begin(i + 1) - pieces.begin(i));
  }
  // Columns of the panel's last vector.
  int last(std::int64_t i) const {
    const std::int64_t left = columns - (pieces.begin(i + 1) - 1) * lanes<T>;
    return static_cast<int>(left < lanes<T> ? left : lanes<T>);
  }
  std::int64_t padded() const { return pieces.total * lanes<T>; }
};

}  // namespace cornu
