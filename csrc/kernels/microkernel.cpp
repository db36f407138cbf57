#include "kernels/microkernel.h"

#include <utility>

namespace cornu {
namespace {

// Blocks too high for the registers are never asked for: they share the highest that fits.
template <typename T, int vectors, typename Tail, std::size_t... row>
constexpr MultiplyTile<T> pick(int rows, std::index_sequence<row...>) {
  constexpr int most = rows_for(vectors);
  constexpr MultiplyTile<T> table[] = {
      multiply_tile<T, (row < most ? static_cast<int>(row) + 1 : most), vectors - 1, Tail>...};
  return table[rows - 1];
}

template <typename T, typename Tail>
MultiplyTile<T> pick(int rows, int vectors) {
  constexpr auto each = std::make_index_sequence<max_rows>();
  switch (vectors) {
    case 1:
      return pick<T, 1, Tail>(rows, each);
    case 2:
      return pick<T, 2, Tail>(rows, each);
    case 3:
      return pick<T, 3, Tail>(rows, each);
    default:
      return pick<T, 4, Tail>(rows, each);
  }
}

}  // namespace

template <typename T>
MultiplyTile<T> tile_function(int rows, int vectors, int last) {
  if (last == lanes<T>) return pick<T, WholeTail<T>>(rows, vectors);
  if (has_half_tails && last <= lanes<T> / 2) return pick<T, HalfTail<T>>(rows, vectors);
  return pick<T, PartTail<T>>(rows, vectors);
}

template MultiplyTile<float> tile_function<float>(int, int, int);
template MultiplyTile<double> tile_function<double>(int, int, int);

}  // namespace cornu
