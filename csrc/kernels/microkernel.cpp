#include "kernels/microkernel.h"

#include <utility>

namespace cornu {
namespace {

// Blocks too high for the registers are never asked for: they share the highest that fits.
template <typename T, int vectors, bool part, std::size_t... row>
constexpr MultiplyTile<T> pick(int rows, std::index_sequence<row...>) {
  constexpr int most = rows_for(vectors);
  constexpr MultiplyTile<T> table[] = {
      multiply_tile<T, (row < most ? static_cast<int>(row) + 1 : most), vectors, part>...};
  return table[rows - 1];
}

template <typename T, bool part>
MultiplyTile<T> pick(int rows, int vectors) {
  constexpr auto each = std::make_index_sequence<max_rows>();
  switch (vectors) {
    case 1:
      return pick<T, 1, part>(rows, each);
    case 2:
      return pick<T, 2, part>(rows, each);
    case 3:
      return pick<T, 3, part>(rows, each);
    default:
      return pick<T, 4, part>(rows, each);
  }
}

}  // namespace

template <typename T>
MultiplyTile<T> tile_function(int rows, int vectors, int last) {
  return last < lanes<T> ? pick<T, true>(rows, vectors) : pick<T, false>(rows, vectors);
}

template MultiplyTile<float> tile_function<float>(int, int, int);
template MultiplyTile<double> tile_function<double>(int, int, int);

}  // namespace cornu
