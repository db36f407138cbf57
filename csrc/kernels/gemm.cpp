// gemm: c[batch.., m, n] = a[batch.., m, k] b[batch.., k, n], optionally + bias[n], relu, or added
// to what stands in c. Attributes: has_bias, activation (0 none, 1 relu), accumulate.
#include "kernels/gemm.h"

#include <algorithm>

#include "core/kernel.h"
#include "kernels/dot.h"
#include "kernels/gemm_half.h"
#include "kernels/panel.h"

namespace cornu {

namespace {

// A block of b this long stays in the second-level cache beside the rows of a.
constexpr std::int64_t most_k = 384;
constexpr std::int64_t most_rows = 256;
constexpr double unit_flops = 4e6;
// So many vectors of columns share a copy of a's rows.
constexpr std::int64_t panels_shared = 32;
// So many rows of a make it worth while to copy b into panels.
constexpr std::int64_t rows_worth_packing = 48;

std::int64_t divide_up(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }

}  // namespace

template <typename T>
Gemm<T>::Gemm(const GemmShape& shape) : s_(shape) {
  const double per_matrix = 2.0 * double(s_.m) * double(s_.n) * double(s_.k);
  flops = s_.flops();
  bytes = double(sizeof(T)) * double(s_.batches) *
          (double(s_.m) * double(s_.k) + double(s_.k) * double(s_.n) + double(s_.m) * double(s_.n));
  if (s_.m == 0 || s_.n == 0 || s_.batches == 0) {
    phases[0].units = 0;
    return;
  }
  // A narrow result leaves lanes idle; if a's rows are contiguous, k can go along the vectors.
  const std::int64_t whole = divide_up(s_.n, lanes<T>) * lanes<T>;
  by_dots_ = s_.a_k == 1 && s_.k >= lanes<T> * (s_.n == 1 ? 2 : 8) && s_.n < 2 * lanes<T> &&
             s_.n * 10 < whole * 7;
  const int widest = vector_registers >= 32 || s_.m <= 2 ? 4 : 2;
  panels_ = Panels<T>(s_.n, widest);
  depth_ = Pieces(s_.k, most_k);
  cut(per_matrix);
  phases[0].units = divide_up(s_.batches, matrices_per_unit_) * rows_.count * groups_.count;

  const std::int64_t height = divide_up(s_.m, rows_.count);
  const std::int64_t deepest = s_.k == 0 ? 0 : divide_up(s_.k, depth_.count);
  if (by_dots_) {
    pack_b_ = s_.b_k != 1;
    scratch = pack_b_ ? sizeof(T) * std::size_t(dot_stride()) * std::size_t(s_.n) : 0;
  } else {
    const bool is_panel = panels_.count() == 1 && s_.b_k == panels_.padded();
    pack_b_ = s_.b_n != 1 || (height >= rows_worth_packing && !is_panel);
    packed_b_ = pack_b_ ? deepest * widest * lanes<T> : 0;
    const std::int64_t packed_a = pack_a_ ? deepest * height + lanes<T> : 0;
    scratch = sizeof(T) * std::size_t(packed_b_ + packed_a);
  }
}

// Many small matrices: some to a unit. Else a unit is a block of rows times a group of panels.
template <typename T>
void Gemm<T>::cut(double per_matrix) {
  const std::int64_t panels = by_dots_ ? 1 : panels_.count();
  if (per_matrix * 2 <= unit_flops) {
    const double matrices = unit_flops / 2 / std::max(per_matrix, 1.0);
    matrices_per_unit_ = matrices < double(s_.batches) ? std::int64_t(matrices) : s_.batches;
    rows_ = Pieces(s_.m, s_.m);
    groups_ = Pieces(panels, panels);
    return;
  }
  // Higher blocks copy less of b, but there should be something to share.
  std::int64_t height = std::min(most_rows, s_.m);
  if (by_dots_) {
    height = std::max<std::int64_t>(8, std::int64_t(double(s_.m) * unit_flops / per_matrix));
  } else {
    while (height > 64 && s_.batches * divide_up(s_.m, height) * panels < 8) height /= 2;
    while (height > 32 && s_.batches * divide_up(s_.m, height) * panels < 4) height /= 2;
  }
  rows_ = Pieces(s_.m, height);
  const double panel_flops = per_matrix / double(rows_.count) / double(panels);
  auto in_unit = std::int64_t(unit_flops / panel_flops);
  // Elements of a that lie pages apart: worth a copy, if that serves several panels.
  const std::int64_t apart = (s_.a_k == 1 ? s_.a_m : s_.a_k) * std::int64_t(sizeof(T));
  const std::int64_t several = panels_shared / panels_.vectors(0);
  const bool worth = s_.a_k != 1 ? apart >= 4096 : vector_registers < 32 && apart % 4096 == 0;
  if (!by_dots_ && worth && (s_.a_m == 1 || s_.a_k == 1) && s_.k >= 192 && panels >= several) {
    pack_a_ = true;
    in_unit = std::max(in_unit, several);
  }
  groups_ = Pieces(panels, std::clamp<std::int64_t>(in_unit, 1, panels));
}

template <typename T>
std::int64_t Gemm<T>::dot_stride() const {
  return divide_up(s_.k, lanes<T>) * lanes<T>;
}

template <typename T>
void Gemm<T>::run(const Context& context, int, std::int64_t begin, std::int64_t end,
                  char* scratch_bytes) const {
  multiply(reinterpret_cast<const T*>(context.operands[s_.exchanged ? 1 : 0]),
           reinterpret_cast<const T*>(context.operands[s_.exchanged ? 0 : 1]),
           s_.has_bias ? reinterpret_cast<const T*>(context.operands[2]) : nullptr,
           reinterpret_cast<T*>(context.operands[s_.has_bias ? 3 : 2]), begin, end,
           reinterpret_cast<T*>(scratch_bytes));
}

template <typename T>
void Gemm<T>::multiply(const T* a, const T* b, const T* bias, T* c, std::int64_t begin,
                       std::int64_t end, T* packed) const {
  const std::int64_t blocks = rows_.count * groups_.count;
  for (std::int64_t unit = begin; unit < end; ++unit) {
    const std::int64_t row = unit % rows_.count;
    const std::int64_t group = unit / rows_.count % groups_.count;
    const std::int64_t first = unit / blocks * matrices_per_unit_;
    const std::int64_t last = std::min(first + matrices_per_unit_, s_.batches);
    for (std::int64_t i = first; i < last; ++i) {
      const GemmShape::Place at = s_.place(i);
      const Block block{rows_.begin(row), rows_.begin(row + 1), groups_.begin(group),
                        groups_.begin(group + 1)};
      if (by_dots_) {
        dots(a + at.a, b + at.b, bias, c + at.c, block, packed);
      } else {
        tiles(a + at.a, b + at.b, bias, c + at.c, block, packed);
      }
    }
  }
}

template <typename T>
void Gemm<T>::dots(const T* a, const T* b, const T* bias, T* c, const Block& block,
                   T* packed) const {
  std::int64_t b_stride = s_.b_n;
  if (pack_b_) {
    b_stride = dot_stride();
    pack_panel(b, s_.b_n, s_.b_k, s_.n, s_.k, packed, b_stride);  // one row per column of b
    b = packed;
  }
  const DotStore<T> put{c,
                        s_.c_m,
                        s_.c_n,
                        bias,
                        s_.bias_by_row ? 1 : 0,
                        s_.bias_by_row ? 0 : 1,
                        s_.accumulate,
                        s_.relu};
  dot_products(a, s_.a_m, b, b_stride, s_.k, block.top, block.bottom, s_.n, put);
}

template <typename T>
void Gemm<T>::tiles(const T* a, const T* b, const T* bias, T* c, const Block& block,
                    T* packed) const {
  // A bias along the rows isn't what a tile adds: it is there before the product.
  const bool bias_first = bias && s_.bias_by_row;
  if (bias_first) put_bias(bias, c, block);
  const std::int64_t depths = std::max<std::int64_t>(depth_.count, 1);
  for (std::int64_t depth = 0; depth < depths; ++depth) {
    const std::int64_t k0 = s_.k ? depth_.begin(depth) : 0;
    const std::int64_t k1 = s_.k ? depth_.begin(depth + 1) : 0;
    const bool final = depth == depths - 1;
    Tile<T> tile{};
    tile.runs = one_run;
    tile.n_runs = 1;
    tile.length = k1 - k0;
    tile.step = s_.a_k;
    tile.accumulate = s_.accumulate || bias_first || depth > 0;
    tile.relu = s_.relu && final;
    // Panels are never wider than the first, so that its tiles' height suits all.
    const Pieces copied(block.bottom - block.top, rows_for(panels_.vectors(0)));
    if (pack_a_) {
      pack_rows(a + block.top * s_.a_m + k0 * s_.a_k, s_.a_m, s_.a_k, copied, tile.length,
                packed + packed_b_);
    }
    for (std::int64_t p = block.left; p < block.right; ++p) {
      const std::int64_t column = panels_.begin(p);
      const int vectors = panels_.vectors(p);
      tile.last = panels_.last(p);
      tile.b = b + k0 * s_.b_k + column * s_.b_n;
      tile.b_stride = s_.b_k;
      if (pack_b_) {
        const std::int64_t width = vectors * lanes<T>;
        pack_panel(tile.b, s_.b_k, s_.b_n, tile.length, width - lanes<T> + tile.last, packed,
                   width);
        tile.b = packed;
        tile.b_stride = width;
      }
      tile.bias = bias && !bias_first && final ? bias + column : nullptr;
      const Pieces heights =
          pack_a_ ? copied : Pieces(block.bottom - block.top, rows_for(vectors));
      const T* rows[max_rows];
      T* results[max_rows];
      tile.a = rows;
      tile.c = results;
      for (std::int64_t i = 0; i < heights.count; ++i) {
        const std::int64_t top = block.top + heights.begin(i);
        const int height = static_cast<int>(block.top + heights.begin(i + 1) - top);
        const T* from = a + top * s_.a_m + k0 * s_.a_k;
        std::int64_t apart = s_.a_m;
        if (pack_a_) {
          from = packed + packed_b_ + heights.begin(i) * tile.length;
          apart = 1;
          tile.step = height;
        }
        for (int r = 0; r < height; ++r) {
          rows[r] = from + r * apart;
          results[r] = c + (top + r) * s_.c_m + column;
        }
        tile_function<T>(height, vectors, tile.last)(tile);
      }
    }
  }
}

template <typename T>
void Gemm<T>::put_bias(const T* bias, T* c, const Block& block) const {
  const std::int64_t left = panels_.begin(block.left);
  const std::int64_t right = std::min(panels_.begin(block.right), s_.n);
  for (std::int64_t i = block.top; i < block.bottom; ++i) {
    T* row = c + i * s_.c_m;
    for (std::int64_t j = left; j < right; ++j) {
      row[j] = s_.accumulate ? row[j] + bias[i] : bias[i];
    }
  }
}

template class Gemm<float>;
template class Gemm<double>;

std::unique_ptr<Kernel> make_gemm(const Description& description) {
  const GemmShape shape = gemm_shape(description);
  switch (description.inputs[0].dtype) {
    case Dtype::float32:
      return std::make_unique<Gemm<float>>(shape);
    case Dtype::float64:
      return std::make_unique<Gemm<double>>(shape);
    default:
      return make_gemm_half(description);
  }
}

}  // namespace cornu
