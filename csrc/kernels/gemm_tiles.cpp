// Products by tiles: a block of the result in registers, panel of b by panel of b.
#include <algorithm>

#include "kernels/gemm.h"
#include "kernels/panel.h"
#include "kernels/short_product.h"

namespace cornu {

template <typename T>
void Gemm<T>::tiles(const Operands& o, const Block& block, T* packed) const {
  // A bias along the rows isn't what a tile adds: it is there before the product.
  const bool bias_first = o.bias && s_.bias_by_row;
  if (bias_first) put_bias(o, block);
  const T* rows[max_rows];
  const T* addends[max_rows];
  T* results[max_rows];
  Tile<T> tile{};
  tile.a = rows;
  tile.c = results;
  tile.runs = one_run;
  tile.n_runs = 1;
  // Panels are never wider than the first, so that its tiles' height suits all.
  const Pieces highest(block.bottom - block.top, rows_for(panels_.vectors(0)));
  const std::int64_t depths = std::max<std::int64_t>(depth_.count, 1);
  for (std::int64_t depth = 0; depth < depths; ++depth) {
    const std::int64_t k0 = s_.k ? depth_.begin(depth) : 0;
    const std::int64_t k1 = s_.k ? depth_.begin(depth + 1) : 0;
    const bool final = depth == depths - 1;
    const bool add = o.addend && !bias_first && depth == 0;
    tile.length = k1 - k0;
    tile.step = s_.a_k;
    tile.accumulate = add || bias_first || depth > 0;
    tile.addend = add ? addends : nullptr;
    tile.relu = s_.relu && final;
    if (pack_a_) {
      pack_rows(o.a + block.top * s_.a_m + k0 * s_.a_k, s_.a_m, s_.a_k, highest, tile.length,
                packed + packed_b_);
    }
    for (std::int64_t p = block.left; p < block.right; ++p) {
      const std::int64_t column = panels_.begin(p);
      const int vectors = panels_.vectors(p);
      tile.last = panels_.last(p);
      tile.b = o.b + k0 * s_.b_k + column * s_.b_n;
      tile.b_stride = s_.b_k;
      if (pack_b_) {
        const std::int64_t width = vectors * lanes<T>;
        pack_panel(tile.b, s_.b_k, s_.b_n, tile.length, width - lanes<T> + tile.last, packed,
                   width);
        tile.b = packed;
        tile.b_stride = width;
      }
      tile.bias = o.bias && !bias_first && final ? o.bias + column : nullptr;
      if (s_.a_k == 1 && !bias_first && s_.k > 0 && s_.k <= longest_short(vectors)) {
        short_sums(o, block, tile, column, vectors);
        continue;
      }
      const Pieces heights = pack_a_ || rows_for(vectors) == rows_for(panels_.vectors(0))
                                 ? highest
                                 : Pieces(block.bottom - block.top, rows_for(vectors));
      for (std::int64_t i = 0; i < heights.count; i += tile.blocks) {
        const std::int64_t top = block.top + heights.begin(i);
        const int height = static_cast<int>(block.top + heights.begin(i + 1) - top);
        const T* from = o.a + top * s_.a_m + k0 * s_.a_k;
        std::int64_t apart = s_.a_m;
        tile.next_a = height * s_.a_m;
        if (pack_a_) {
          from = packed + packed_b_ + heights.begin(i) * tile.length;
          apart = 1;
          tile.next_a = height * tile.length;
          tile.step = height;
        }
        for (int r = 0; r < height; ++r) {
          rows[r] = from + r * apart;
          results[r] = o.c + (top + r) * s_.c_m + column;
          if (add) addends[r] = o.addend + (top + r) * s_.d_m + column;
        }
        tile.blocks = heights.alike(i);
        tile.next_c = height * s_.c_m;
        tile.next_addend = height * s_.d_m;
        tile_function<T>(height, vectors, tile.last)(tile);
      }
    }
  }
}

template <typename T>
void Gemm<T>::short_sums(const Operands& o, const Block& block, const Tile<T>& panel,
                         std::int64_t column, int vectors) const {
  ShortProduct<T> p;
  p.a = o.a + block.top * s_.a_m;
  p.a_stride = s_.a_m;
  p.rows = block.bottom - block.top;
  p.b = panel.b;
  p.b_stride = panel.b_stride;
  p.c = o.c + block.top * s_.c_m + column;
  p.c_stride = s_.c_m;
  p.bias = panel.bias;
  p.addend = o.addend ? o.addend + block.top * s_.d_m + column : nullptr;
  p.addend_stride = s_.d_m;
  p.relu = s_.relu;
  p.last = panel.last;
  short_function<T>(static_cast<int>(s_.k), vectors, p.last)(p);
}

template <typename T>
void Gemm<T>::put_bias(const Operands& o, const Block& block) const {
  const std::int64_t left = panels_.begin(block.left);
  const std::int64_t right = std::min(panels_.begin(block.right), s_.n);
  for (std::int64_t i = block.top; i < block.bottom; ++i) {
    T* row = o.c + i * s_.c_m;
    const T* addend = o.addend ? o.addend + i * s_.d_m : nullptr;
    for (std::int64_t j = left; j < right; ++j) {
      row[j] = addend ? addend[j] + o.bias[i] : o.bias[i];
    }
  }
}

template void Gemm<float>::tiles(const Operands&, const Block&, float*) const;
template void Gemm<double>::tiles(const Operands&, const Block&, double*) const;

}  // namespace cornu
