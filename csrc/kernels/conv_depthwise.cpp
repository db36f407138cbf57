// Each filter sees one channel. All three work on images with as many channels as there are
// filters: with more than one filter to a channel, a copy repeats the channels.
#include "kernels/conv_depthwise.h"

#include <algorithm>

#include "core/test_hooks.h"
#include "kernels/chunk_sums.h"
#include "kernels/conv_pad.h"
#include "kernels/depthwise_tile.h"

namespace cornu {
namespace {

// These kernels are bound by loads, some four of them to a multiplication and addition.
const double unit_flops = 1e6 * grain();
constexpr std::int64_t pixels_at_once = 1024;

// The same convolution with one channel to each filter.
ConvShape repeated(ConvShape s) {
  s.c = s.groups = s.f;
  return s;
}

template <typename T>
class Depthwise : public Kernel {
 protected:
  Depthwise(const ConvShape& shape, const ConvUnits& units)
      : s_(repeated(shape)), c_(shape.c), times_(shape.f / shape.c), units_(units) {
    layout_ = image_layout(s_, units_);
    copied_ = layout_.copied || times_ > 1;
    each_tap(s_, layout_, [&](std::int64_t offset) { taps_.push_back(offset); });
    flops = s_.flops();
    bytes = double(sizeof(T)) * double(s_.n) *
            (double(s_.in_pixels() * c_) + double(s_.out_pixels() * s_.f));
  }

  // Where the first window of `images` images begins, from `first_row` on.
  const T* windows(const T* x, std::int64_t images, std::int64_t first_row, std::int64_t rows,
                   T* copy) const {
    const std::int64_t image = s_.in_pixels() * c_;
    const std::int64_t row =
        first_row * s_.stride[units_.axis] * layout_.strides[units_.axis];
    if (!copied_) return x + layout_.start + row;
    for (std::int64_t i = 0; i < images; ++i) {
      T* to = copy + i * layout_.image;
      if (!layout_.copied) {
        repeat(x + i * image, s_.in_pixels(), to);
      } else if (times_ == 1) {
        copy_padded(s_, layout_, padded_box(s_, units_, first_row, rows), x + i * image, to);
      } else {
        const PaddedBox box = padded_box(s_, units_, first_row, rows);
        each_line(s_, box, [&](std::int64_t pixel, std::int64_t d, std::int64_t h,
                               std::int64_t before, std::int64_t inside, std::int64_t after) {
          T* line = to + layout_.at(d, h, 0);
          std::fill(line, line + before * s_.c, T(0));
          repeat(x + i * image + pixel * c_, inside, line + before * s_.c);
          line += (before + inside) * s_.c;
          std::fill(line, line + after * s_.c, T(0));
        });
      }
    }
    return layout_.copied ? copy : copy + layout_.start + row;
  }

  std::size_t copy_bytes() const {
    return copied_ ? std::size_t(units_.images * layout_.image) * sizeof(T) : 0;
  }

  void repeat(const T* from, std::int64_t pixels, T* to) const {
    for (std::int64_t i = 0; i < pixels * c_; ++i) {
      for (std::int64_t j = 0; j < times_; ++j) *to++ = from[i];
    }
  }

  ConvShape s_;  // c = f
  std::int64_t c_, times_;
  ConvUnits units_;
  ImageLayout layout_;
  bool copied_ = false;
  std::vector<std::int64_t> taps_;
};

template <typename T>
class Forward final : public Depthwise<T> {
 public:
  // `flipped`: the window goes backwards, as towards the input.
  Forward(const ConvShape& shape, bool flipped)
      : Depthwise<T>(shape, conv_units(shape, unit_flops, false)), flipped_(flipped) {
    this->scratch = this->copy_bytes();
    this->phases = {Kernel::Phase{this->units_.count}};
  }

  void run(const Context& context, int, std::int64_t begin, std::int64_t end,
           char* scratch_bytes) const override {
    const ConvShape& s = this->s_;
    const int axis = this->units_.axis;
    const T* w = reinterpret_cast<const T*>(context.operands[1]);
    const T* bias = s.has_bias ? reinterpret_cast<const T*>(context.operands[2]) : nullptr;
    for (std::int64_t i = begin; i < end; ++i) {
      const ConvUnits::Unit unit = this->units_.unit(s, i);
      const std::int64_t line = s.out_pixels() / s.out[axis];
      const T* x = this->windows(reinterpret_cast<const T*>(context.operands[0]) +
                                     unit.first_image * s.in_pixels() * this->c_,
                                 unit.images, unit.first_row, unit.rows,
                                 reinterpret_cast<T*>(scratch_bytes));
      T* y = reinterpret_cast<T*>(context.operands[s.has_bias ? 3 : 2]) +
             (unit.first_image * s.out_pixels() + unit.first_row * line) * s.f;
      PixelWalk walk(s, this->layout_, this->units_, unit.rows);
      const DepthwiseTile<T> tile{this->taps_.data(), std::int64_t(this->taps_.size()), w, s.f,
                                  flipped_,           bias,
                                  s.relu};
      const T* rows[depthwise_rows];
      for (std::int64_t left = unit.images * unit.rows * line; left > 0;) {
        const int height = static_cast<int>(std::min<std::int64_t>(left, depthwise_rows));
        for (int r = 0; r < height; ++r) rows[r] = x + walk.next();
        tile.correlate(rows, height, y);
        y += height * s.f;
        left -= height;
      }
    }
  }

 private:
  bool flipped_;
};

template <typename T>
class GradInput final : public Depthwise<T> {
 public:
  explicit GradInput(const ConvShape& shape)
      : Depthwise<T>(shape, conv_units(shape, unit_flops, true)) {
    direct_ = !this->copied_;
    this->scratch = std::size_t(this->layout_.image) * sizeof(T);
    this->phases = {Kernel::Phase{this->units_.count}};
  }

  void run(const Context& context, int, std::int64_t begin, std::int64_t end,
           char* scratch_bytes) const override {
    const ConvShape& s = this->s_;
    const T* w = reinterpret_cast<const T*>(context.operands[1]);
    const DepthwiseTile<T> tile{this->taps_.data(), std::int64_t(this->taps_.size()), w, s.f,
                                false,              nullptr,
                                false};
    for (std::int64_t i = begin; i < end; ++i) {
      const ConvUnits::Unit unit = this->units_.unit(s, i);
      for (std::int64_t j = unit.first_image; j < unit.first_image + unit.images; ++j) {
        const T* g = reinterpret_cast<const T*>(context.operands[0]) + j * s.out_pixels() * s.f;
        T* x = reinterpret_cast<T*>(context.operands[2]) + j * s.in_pixels() * this->c_;
        T* sums = direct_ ? x : reinterpret_cast<T*>(scratch_bytes);
        std::fill(sums, sums + this->layout_.image, T(0));
        PixelWalk walk(s, this->layout_, this->units_, unit.rows);
        T* rows[depthwise_rows];
        for (std::int64_t left = s.out_pixels(); left > 0;) {
          const int height = static_cast<int>(std::min<std::int64_t>(left, depthwise_rows));
          for (int r = 0; r < height; ++r) rows[r] = sums + this->layout_.start + walk.next();
          tile.scatter(g, height, rows);
          g += height * s.f;
          left -= height;
        }
        if (!direct_) finish(sums, x);
      }
    }
  }

 private:
  // Takes away the pads and adds up the filters of a channel.
  void finish(T* sums, T* x) const {
    const ConvShape& s = this->s_;
    if (this->times_ == 1) {
      copy_back(s, sums, x);
      return;
    }
    const std::int64_t pixels = this->layout_.image / s.c;
    T* to = sums;  // in place: the result is shorter
    for (std::int64_t i = 0; i < pixels * this->c_; ++i) {
      T sum = 0;
      for (std::int64_t j = 0; j < this->times_; ++j) sum += sums[i * this->times_ + j];
      to[i] = sum;
    }
    ConvShape narrow = s;
    narrow.c = this->c_;
    copy_back(narrow, sums, x);
  }

  void copy_back(const ConvShape& s, const T* sums, T* x) const {
    if (this->layout_.copied) {
      copy_unpadded(s, image_layout(s, this->units_), sums, x);
    } else {
      std::copy(sums, sums + s.in_pixels() * s.c, x);
    }
  }

  bool direct_;
};

template <typename T>
class GradKernel final : public Depthwise<T> {
 public:
  explicit GradKernel(const ConvShape& shape) : Depthwise<T>(shape, units_of(shape)) {
    const ConvShape& s = this->s_;
    const auto chunks = std::int64_t(this->flops / unit_flops);
    sums_ = ChunkSums<T>(s.taps() * s.f, s.n, std::clamp<std::int64_t>(chunks, 1, 16));
    this->scratch = this->copy_bytes();
    this->workspace = sums_.bytes();
    this->phases = {Kernel::Phase{sums_.chunks()}, Kernel::Phase{sums_.units()}};
  }

  void run(const Context& context, int phase, std::int64_t begin, std::int64_t end,
           char* scratch_bytes) const override {
    const ConvShape& s = this->s_;
    T* result = reinterpret_cast<T*>(context.operands[2]);
    T* partial = reinterpret_cast<T*>(context.workspace);
    for (std::int64_t i = begin; i < end; ++i) {
      if (phase == 1) {
        sums_.add(partial, i, result);
        continue;
      }
      T* sums = sums_.of(partial, i, result);
      std::fill(sums, sums + s.taps() * s.f, T(0));
      const std::int64_t last = sums_.begin(i + 1);
      for (std::int64_t j = sums_.begin(i); j < last; j += this->units_.images) {
        const std::int64_t images = std::min(this->units_.images, last - j);
        const T* x = this->windows(
            reinterpret_cast<const T*>(context.operands[0]) + j * s.in_pixels() * this->c_, images,
            0, this->units_.rows, reinterpret_cast<T*>(scratch_bytes));
        const T* g = reinterpret_cast<const T*>(context.operands[1]) + j * s.out_pixels() * s.f;
        for (std::int64_t k = 0; k < images; ++k) {
          add(x + k * this->layout_.image, g + k * s.out_pixels() * s.f, sums);
        }
      }
    }
  }

 private:
  static ConvUnits units_of(const ConvShape& s) {
    ConvUnits units;
    units.images = std::clamp<std::int64_t>(pixels_at_once / s.out_pixels(), 1, s.n);
    units.axis = s.out[0] > 1 ? 0 : s.out[1] > 1 ? 1 : 2;
    units.rows = s.out[units.axis];
    return units;
  }

  void add(const T* x, const T* g, T* sums) const {
    const ConvShape& s = this->s_;
    const DepthwiseTile<T> tile{this->taps_.data(), std::int64_t(this->taps_.size()), nullptr, s.f,
                                false,              nullptr,
                                false};
    const std::int64_t step = s.stride[2] * this->layout_.strides[2];
    for (std::int64_t i = 0; i < s.out[0]; ++i) {
      for (std::int64_t j = 0; j < s.out[1]; ++j) {
        const std::int64_t row = this->layout_.at(i * s.stride[0], j * s.stride[1], 0);
        tile.add_products(x + row, step, g, s.out[2], sums);
        g += s.out[2] * s.f;
      }
    }
  }

  ChunkSums<T> sums_;
};

template <template <typename> class K, typename... Args>
std::unique_ptr<Kernel> make(const ConvShape& s, Args... args) {
  if (s.dtype == Dtype::float32) return std::make_unique<K<float>>(s, args...);
  return std::make_unique<K<double>>(s, args...);
}

}  // namespace

std::unique_ptr<Kernel> make_depthwise(const ConvShape& s) { return make<Forward>(s, false); }

std::unique_ptr<Kernel> make_depthwise_grad_input(const ConvShape& s) {
  const bool dense = s.stride[0] == 1 && s.stride[1] == 1 && s.stride[2] == 1;
  if (dense && s.f == s.c && double(s.in_pixels()) <= 1.5 * double(s.out_pixels())) {
    return make<Forward>(s.towards_input(), true);
  }
  return make<GradInput>(s);
}

std::unique_ptr<Kernel> make_depthwise_grad_kernel(const ConvShape& s) {
  return make<GradKernel>(s);
}

}  // namespace cornu
