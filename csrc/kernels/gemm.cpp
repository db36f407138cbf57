// gemm: c[batch.., m, n] = a[batch.., m, k] b[batch.., k, n], optionally + bias[n], + an addend of
// c's shape, whose memory c may take over, and relu. Inputs: a, b, bias, addend.
// Attributes: has_bias, activation (0 none, 1 relu), has_addend.
#include "kernels/gemm.h"

#include <algorithm>

#include "core/kernel.h"
#include "core/test_hooks.h"
#include "kernels/dot.h"
#include "kernels/dot_block.h"
#include "kernels/panel.h"

namespace cornu {

namespace {

// A block of b this long stays in the second-level cache beside the rows of a.
constexpr std::int64_t most_k = 384;
constexpr std::int64_t most_rows = 256;
const double unit_flops = 4e6 * grain();
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
  if (s_.has_addend) {
    bytes += double(sizeof(T)) * double(s_.batches) * double(s_.m) * double(s_.n);
    may_alias = true;
    alias = 2 + s_.has_bias;
  }
  if (s_.m == 0 || s_.n == 0 || s_.batches == 0) {
    phases[0].units = 0;
    return;
  }
  // A narrow result leaves lanes idle; if a's rows are contiguous, k can go along the vectors.
  const std::int64_t whole = divide_up(s_.n, lanes<T>) * lanes<T>;
  by_dots_ = s_.a_k == 1 && s_.k >= lanes<T> * (s_.n == 1 ? 2 : 8) && s_.n < 2 * lanes<T> &&
             s_.n * 10 < whole * 7;
  by_dot_blocks_ = !by_dots_ && s_.a_k == 1 && s_.b_k == 1 && s_.b_n != 1 &&
                   worth_dot_blocks<T>(s_.m, s_.k);
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
  } else if (by_dot_blocks_) {
    const std::int64_t widest_group = divide_up(panels_.count(), groups_.count) * widest;
    scratch = sizeof(T) * std::size_t(height * widest_group * lanes<T>);
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
  if (!by_dots_ && !by_dot_blocks_ && worth && (s_.a_m == 1 || s_.a_k == 1) && s_.k >= 192 &&
      panels >= several) {
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
  const auto operand = [&](int i) { return reinterpret_cast<T*>(context.operands[i]); };
  const int addend = 2 + s_.has_bias;
  const Operands o{operand(s_.exchanged ? 1 : 0), operand(s_.exchanged ? 0 : 1),
                   s_.has_bias ? operand(2) : nullptr, s_.has_addend ? operand(addend) : nullptr,
                   operand(addend + s_.has_addend)};
  multiply(o, begin, end, reinterpret_cast<T*>(scratch_bytes));
}

template <typename T>
void Gemm<T>::multiply(const Operands& o, std::int64_t begin, std::int64_t end, T* packed) const {
  const std::int64_t blocks = rows_.count * groups_.count;
  for (std::int64_t unit = begin; unit < end; ++unit) {
    const std::int64_t row = unit % rows_.count;
    const std::int64_t group = unit / rows_.count % groups_.count;
    const std::int64_t first = unit / blocks * matrices_per_unit_;
    const std::int64_t last = std::min(first + matrices_per_unit_, s_.batches);
    const Block block{rows_.begin(row), rows_.begin(row + 1), groups_.begin(group),
                      groups_.begin(group + 1)};
    for (std::int64_t i = first; i < last; ++i) {
      const Operands matrices = o.at(s_.place(i));
      if (by_dots_) {
        dots(matrices, block, packed);
      } else if (by_dot_blocks_) {
        blocks_of_dots(matrices, block, packed);
      } else {
        tiles(matrices, block, packed);
      }
    }
  }
}

template <typename T>
void Gemm<T>::dots(const Operands& o, const Block& block, T* packed) const {
  const T* b = o.b;
  std::int64_t b_stride = s_.b_n;
  if (pack_b_) {
    b_stride = dot_stride();
    pack_panel(b, s_.b_n, s_.b_k, s_.n, s_.k, packed, b_stride);  // one row per column of b
    b = packed;
  }
  const DotStore<T> put{o.c,
                        s_.c_m,
                        s_.c_n,
                        o.bias,
                        s_.bias_by_row ? 1 : 0,
                        s_.bias_by_row ? 0 : 1,
                        o.addend,
                        s_.d_m,
                        s_.d_n,
                        s_.relu};
  dot_products(o.a, s_.a_m, b, b_stride, s_.k, block.top, block.bottom, s_.n, put);
}

template <typename T>
void Gemm<T>::blocks_of_dots(const Operands& o, const Block& block, T* sums) const {
  const std::int64_t left = panels_.begin(block.left);
  const std::int64_t right = std::min(panels_.begin(block.right), s_.n);
  const std::int64_t stride = divide_up(right - left, lanes<T>) * lanes<T>;
  dot_blocks(o.a + block.top * s_.a_m, s_.a_m, block.bottom - block.top, o.b + left * s_.b_n,
             s_.b_n, right - left, s_.k, sums, stride);
  for (std::int64_t i = block.top; i < block.bottom; ++i, sums += stride) {
    for (std::int64_t j = left; j < right; j += lanes<T>) {
      const int count = static_cast<int>(std::min<std::int64_t>(right - j, lanes<T>));
      Vector<T> sum = load_part(sums + j - left, count);
      if (o.addend) sum += load_part(o.addend + i * s_.d_m + j, count);
      if (o.bias) sum += s_.bias_by_row ? splat(o.bias[i]) : load_part(o.bias + j, count);
      if (s_.relu) sum = sum < Vector<T>{} ? Vector<T>{} : sum;
      store_part(o.c + i * s_.c_m + j, sum, count);
    }
  }
}

template class Gemm<float>;
template class Gemm<double>;

std::unique_ptr<Kernel> make_gemm(const Description& description) {
  const GemmShape shape = gemm_shape(description);
  if (description.inputs[0].dtype == Dtype::float64) {
    return std::make_unique<Gemm<double>>(shape);
  }
  return std::make_unique<Gemm<float>>(shape);
}

}  // namespace cornu
