// conv_grad_input: g, w -> x. Two forms. With strides of 1 it is the convolution of g with the
// flipped kernel, unless that would multiply many pads. Else each pixel of g times each tap's
// matrix is added where the tap reads: that multiplies nothing in vain, whatever the strides.
#include <algorithm>

#include "kernels/conv.h"
#include "core/test_hooks.h"
#include "kernels/conv_depthwise.h"
#include "kernels/conv_pad.h"

namespace cornu {
namespace {

const double unit_flops = 4e6 * grain();
// All taps of a panel stay in the second-level cache up to this size.
constexpr std::size_t panel_bytes = 384 << 10;

template <typename T>
class ScatteredGradient final : public Kernel {
 public:
  explicit ScatteredGradient(const ConvShape& shape)
      : s_(shape), weights_(shape, true, false), units_(conv_units(shape, unit_flops, true)) {
    flops = s_.flops();
    bytes = double(sizeof(T)) * double(s_.n) *
            (double(s_.in_pixels() * s_.c) + double(s_.out_pixels() * s_.f));
    copied_ = s_.padded();
    layout_ = image_layout(s_, units_);
    each_tap(s_, layout_, [&](std::int64_t offset) { taps_.push_back(offset); });
    const std::int64_t width = weights_.panels.vectors(0) * lanes<T>;
    taps_inside_ = std::size_t(weights_.depth * width) * sizeof(T) <= panel_bytes;
    workspace = weights_.bytes();
    scratch = copied_ ? std::size_t(layout_.image) * sizeof(T) : 0;
    phases = {Phase{weights_.count()}, Phase{units_.count}};
  }

  void run(const Context& context, int phase, std::int64_t begin, std::int64_t end,
           char* scratch_bytes) const override {
    const T* g = reinterpret_cast<const T*>(context.operands[0]);
    const T* w = reinterpret_cast<const T*>(context.operands[1]);
    T* x = reinterpret_cast<T*>(context.operands[2]);
    T* packed = reinterpret_cast<T*>(context.workspace);
    if (phase == 0) {
      for (std::int64_t i = begin; i < end; ++i) weights_.pack(w, i, packed);
      return;
    }
    for (std::int64_t i = begin; i < end; ++i) {
      const ConvUnits::Unit unit = units_.unit(s_, i);
      for (std::int64_t j = 0; j < unit.images; ++j) {
        const std::int64_t image = unit.first_image + j;
        T* result = x + image * s_.in_pixels() * s_.c;
        T* sums = copied_ ? reinterpret_cast<T*>(scratch_bytes) : result;
        std::fill(sums, sums + (copied_ ? layout_.image : s_.in_pixels() * s_.c), T(0));
        scatter(g + image * s_.out_pixels() * s_.f, packed, sums + layout_.start);
        if (copied_) copy_unpadded(s_, layout_, sums, result);
      }
    }
  }

 private:
  void scatter(const T* g, const T* packed, T* x) const {
    const Panels<T>& panels = weights_.panels;
    const auto all = static_cast<std::int64_t>(taps_.size());
    for (std::int64_t group = 0; group < s_.groups; ++group) {
      for (std::int64_t p = 0; p < panels.count(); ++p) {
        const T* panel = weights_.panel(packed, group, p);
        const T* from = g + group * s_.f_in_group();
        T* to = x + group * s_.c_in_group() + panels.begin(p);
        if (taps_inside_) {
          add_taps(from, panel, p, 0, all, to);
        } else {
          for (std::int64_t tap = 0; tap < all; ++tap) add_taps(from, panel, p, tap, tap + 1, to);
        }
      }
    }
  }

  // All pixels of an image, taps [begin, end) of a panel.
  void add_taps(const T* g, const T* panel, std::int64_t p, std::int64_t begin, std::int64_t end,
                T* x) const {
    const int vectors = weights_.panels.vectors(p);
    const std::int64_t width = vectors * lanes<T>, f = s_.f_in_group();
    const T* rows[max_rows];
    T* windows[max_rows];
    T* targets[max_rows];
    Tile<T> tile{};
    tile.a = rows;
    tile.c = targets;
    tile.runs = one_run;
    tile.n_runs = 1;
    tile.length = f;
    tile.step = 1;
    tile.b_stride = width;
    tile.accumulate = true;
    tile.last = weights_.panels.last(p);
    PixelWalk walk(s_, layout_, units_, s_.out[units_.axis]);
    const Pieces heights(s_.out_pixels(), rows_for(vectors));
    for (std::int64_t i = 0; i < heights.count; ++i) {
      const int height = static_cast<int>(heights.begin(i + 1) - heights.begin(i));
      for (int r = 0; r < height; ++r) {
        rows[r] = g;
        g += s_.f;
        windows[r] = x + walk.next();
      }
      const MultiplyTile<T> multiply = tile_function<T>(height, vectors, tile.last);
      for (std::int64_t tap = begin; tap < end; ++tap) {
        for (int r = 0; r < height; ++r) targets[r] = windows[r] + taps_[std::size_t(tap)];
        tile.b = panel + tap * f * width;
        multiply(tile);
      }
    }
  }

  ConvShape s_;
  ConvPanels<T> weights_;
  ConvUnits units_;
  ImageLayout layout_;
  std::vector<std::int64_t> taps_;  // where each tap reads
  bool copied_ = false;
  bool taps_inside_ = false;
};

template <typename T>
std::unique_ptr<Kernel> make_gradient(const ConvShape& s) {
  if (s.depthwise()) return make_depthwise_grad_input(s);
  const bool dense = s.stride[0] == 1 && s.stride[1] == 1 && s.stride[2] == 1;
  if (dense && double(s.in_pixels()) <= 1.2 * double(s.out_pixels())) {
    return std::make_unique<Correlation<T>>(s.towards_input(), ConvPanels<T>(s, true, true), true);
  }
  return std::make_unique<ScatteredGradient<T>>(s);
}

}  // namespace

std::unique_ptr<Kernel> make_conv_grad_input(const Description& d) {
  const ConvShape s = conv_shape(d, ConvRole::grad_input);
  if (s.empty() || s.pointwise()) return make_conv_as_product(d, s, ConvRole::grad_input);
  return s.dtype == Dtype::float32 ? make_gradient<float>(s) : make_gradient<double>(s);
}

}  // namespace cornu
