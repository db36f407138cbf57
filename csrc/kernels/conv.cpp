// conv: x, w[, bias] -> y, directly on the image: the window's elements are the reduced axis, read
// in place by the microkernel, and only w is packed.
#include "kernels/conv.h"

#include <algorithm>

#include "core/test_hooks.h"
#include "kernels/conv_depthwise.h"
#include "kernels/conv_pad.h"

namespace cornu {
namespace {

const double unit_flops = 4e6 * grain();
// Multiplied with a panel before the next one comes, so that reading panels isn't what counts.
constexpr double fewest_pixels = 96;
// A panel's part that should stay in the second-level cache.
constexpr std::int64_t panel_bytes = 192 << 10;

}  // namespace

template <typename T>
Correlation<T>::Correlation(const ConvShape& shape, const ConvPanels<T>& weights, bool pack)
    : s_(shape), weights_(weights), pack_(pack) {
  flops = s_.flops();
  bytes = double(sizeof(T)) * (double(s_.n) * double(s_.in_pixels() * s_.c) +
                               double(s_.n) * double(s_.out_pixels() * s_.f) +
                               double(s_.taps() * s_.c_in_group() * s_.f));
  const double pixel_flops = flops / double(s_.n) / double(s_.out_pixels());
  units_ = conv_units(s_, std::max(unit_flops, fewest_pixels * pixel_flops), false);
  layout_ = image_layout(s_, units_);
  const Panels<T>& panels = weights_.panels;
  const std::int64_t row_bytes = panels.vectors(0) * lanes<T> * std::int64_t(sizeof(T));

  // Neighbours on the window's last axis are neighbours in memory, if nothing lies between.
  const std::int64_t channels = s_.c_in_group(), line = s_.window[2] * channels;
  const bool whole_lines =
      s_.groups == 1 && s_.dilation[2] == 1 && line * row_bytes <= panel_bytes;
  length_ = whole_lines ? line : channels;
  std::int64_t tap = 0;
  each_tap(s_, layout_, [&](std::int64_t offset) {
    if (!whole_lines || tap % s_.window[2] == 0) runs_.push_back(offset);
    ++tap;
  });
  const auto n_runs = static_cast<std::int64_t>(runs_.size());
  blocks_ = Pieces(n_runs, std::max<std::int64_t>(1, panel_bytes / (length_ * row_bytes)));

  if (pack_) workspace = weights_.bytes();
  if (layout_.copied) scratch = std::size_t(units_.images * layout_.image) * sizeof(T);
  const std::int64_t all = weights_.count();
  const double panel_flops = flops / double(units_.count) / double(all);
  groups_ = Pieces(all, std::clamp<std::int64_t>(std::int64_t(unit_flops / panel_flops), 1, all));
  phases = {Phase{pack_ ? all : 0}, Phase{units_.count * groups_.count}};
}

template <typename T>
void Correlation<T>::run(const Context& context, int phase, std::int64_t begin, std::int64_t end,
                         char* scratch_bytes) const {
  const auto operand = [&](int i) { return reinterpret_cast<T*>(context.operands[i]); };
  const T* w = operand(1);
  T* packed = reinterpret_cast<T*>(context.workspace);
  if (phase == 0) {
    for (std::int64_t i = begin; i < end; ++i) weights_.pack(w, i, packed);
    return;
  }
  for (std::int64_t i = begin; i < end; ++i) {
    const ConvUnits::Unit unit = units_.unit(s_, i / groups_.count);
    const std::int64_t panels = i % groups_.count;
    const T* x = operand(0) + unit.first_image * s_.in_pixels() * s_.c;
    const std::int64_t pixel = unit.first_image * s_.out_pixels() +
                               unit.first_row * (s_.out_pixels() / s_.out[units_.axis]);
    if (layout_.copied) {
      T* copy = reinterpret_cast<T*>(scratch_bytes);
      const PaddedBox box = padded_box(s_, units_, unit.first_row, unit.rows);
      for (std::int64_t j = 0; j < unit.images; ++j) {
        copy_padded(s_, layout_, box, x + j * s_.in_pixels() * s_.c, copy + j * layout_.image);
      }
      x = copy;
    } else {
      x += layout_.start +
           unit.first_row * s_.stride[units_.axis] * layout_.strides[units_.axis];
    }
    for (std::int64_t p = groups_.begin(panels); p < groups_.begin(panels + 1); ++p) {
      convolve(x, pack_ ? packed : w, s_.has_bias ? operand(2) : nullptr,
               operand(s_.has_bias ? 3 : 2) + pixel * s_.f, unit, p);
    }
  }
}

template <typename T>
void Correlation<T>::convolve(const T* x, const T* w, const T* bias, T* y,
                              const ConvUnits::Unit& unit, std::int64_t index) const {
  const Panels<T>& panels = weights_.panels;
  const std::int64_t group = index / panels.count(), p = index % panels.count();
  const std::int64_t pixels = unit.images * unit.rows * (s_.out_pixels() / s_.out[units_.axis]);
  const std::int64_t column = group * s_.f_in_group() + panels.begin(p);
  Tile<T> tile{};
  tile.b = pack_ ? weights_.panel(w, group, p) : w + column;
  tile.b_stride = pack_ ? panels.vectors(p) * lanes<T> : s_.f;
  tile.length = length_;
  tile.step = 1;
  tile.last = panels.last(p);
  for (std::int64_t block = 0; block < blocks_.count; ++block) {
    tile.runs = runs_.data() + blocks_.begin(block);
    tile.n_runs = blocks_.begin(block + 1) - blocks_.begin(block);
    const bool final = block == blocks_.count - 1;
    tile.accumulate = block > 0;
    tile.bias = bias && final ? bias + column : nullptr;
    tile.relu = s_.relu && final;
    walk(tile, panels.vectors(p), x + group * s_.c_in_group(), y + column, pixels, unit.rows);
    tile.b += tile.n_runs * length_ * tile.b_stride;
  }
}

template <typename T>
void Correlation<T>::walk(Tile<T>& tile, int vectors, const T* x, T* y, std::int64_t pixels,
                          std::int64_t rows) const {
  const T* windows[max_rows];
  T* results[max_rows];
  tile.a = windows;
  tile.c = results;
  PixelWalk walk(s_, layout_, units_, rows);
  const Pieces heights(pixels, rows_for(vectors));
  for (std::int64_t i = 0; i < heights.count; ++i) {
    const int height = static_cast<int>(heights.begin(i + 1) - heights.begin(i));
    for (int r = 0; r < height; ++r) {
      windows[r] = x + walk.next();
      results[r] = y;
      y += s_.f;
    }
    tile_function<T>(height, vectors, tile.last)(tile);
  }
}

template class Correlation<float>;
template class Correlation<double>;

template <typename T>
std::unique_ptr<Kernel> make_forward(const ConvShape& s) {
  if (s.depthwise()) return make_depthwise(s);
  const ConvPanels<T> weights(s, false, false);
  return std::make_unique<Correlation<T>>(s, weights, weights.panels.count() > 1);
}

std::unique_ptr<Kernel> make_conv(const Description& d) {
  const ConvShape s = conv_shape(d, ConvRole::forward);
  if (s.empty() || s.pointwise()) return make_conv_as_product(d, s, ConvRole::forward);
  return s.dtype == Dtype::float32 ? make_forward<float>(s) : make_forward<double>(s);
}

}  // namespace cornu
