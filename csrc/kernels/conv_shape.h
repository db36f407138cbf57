// The geometry of a convolution and where its windows read.
//
// x (n, *spatial, c), w (*window, c / groups, f), y (n, *sizes, f); one to three spatial axes, kept
// as three with ones in front. Attributes of the three opcodes: number of spatial axes, strides,
// low pads, dilation, groups, has_bias, activation (0 none, 1 relu). High pads follow from the
// sizes; what lies outside of the image is zero.
#pragma once

#include <cstdint>
#include <vector>

#include "core/types.h"

namespace cornu {

enum class ConvRole { forward, grad_input, grad_kernel };

struct ConvShape {
  std::int64_t n = 0, c = 0, f = 0, groups = 1;
  std::int64_t in[3] = {1, 1, 1}, window[3] = {1, 1, 1}, out[3] = {1, 1, 1};
  std::int64_t stride[3] = {1, 1, 1}, low[3] = {}, dilation[3] = {1, 1, 1};
  bool has_bias = false, relu = false;
  Dtype dtype = Dtype::float32;

  std::int64_t taps() const { return window[0] * window[1] * window[2]; }
  std::int64_t in_pixels() const { return in[0] * in[1] * in[2]; }
  std::int64_t out_pixels() const { return out[0] * out[1] * out[2]; }
  std::int64_t c_in_group() const { return c / groups; }
  std::int64_t f_in_group() const { return f / groups; }
  // What windows cover of an axis, pads included.
  std::int64_t extent(int axis, std::int64_t outputs) const {
    return (outputs - 1) * stride[axis] + (window[axis] - 1) * dilation[axis] + 1;
  }
  bool padded() const;     // windows reach beyond the image
  bool pointwise() const;  // no more than a product of matrices
  // Few filters to each channel, and these see no other channel.
  bool depthwise() const { return groups > 1 && c == groups && f / groups <= 4; }
  bool empty() const;      // no element of x, y or w
  double flops() const;
  // The convolution that gives the gradient by x of this one from that by y, for strides of 1. Its
  // kernel is this one's, flipped, with c and f exchanged.
  ConvShape towards_input() const;
};

// Verifies a description: the operands' dtypes and shapes, the attributes' ranges.
ConvShape conv_shape(const Description& description, ConvRole role);

// Offsets in an image (or in a copy of it with pads) of pixels that are `strides` apart.
struct ImageLayout {
  std::int64_t strides[3] = {};
  std::int64_t image = 0;  // elements
  std::int64_t start = 0;  // of the first window
  bool copied = false;

  std::int64_t at(std::int64_t i, std::int64_t j, std::int64_t k) const {
    return i * strides[0] + j * strides[1] + k * strides[2];
  }
};

// A part of the results: all of some images, or rows of one image. Rows go along the first axis
// with more than one result.
struct ConvUnits {
  std::int64_t images = 1;  // to a unit
  int axis = 0;             // of rows
  std::int64_t rows = 0;    // to a unit; all, if a unit has whole images
  std::int64_t count = 0;

  struct Unit {
    std::int64_t first_image, images, first_row, rows;
  };
  Unit unit(const ConvShape& shape, std::int64_t index) const;
};
ConvUnits conv_units(const ConvShape& shape, double flops_per_unit, bool whole_images);

// Where windows read: the image in place, or a copy with pads of as many rows as a unit has.
ImageLayout image_layout(const ConvShape& shape, const ConvUnits& units);

// Calls f(offset) for each tap of the window, in the order of the kernel.
template <typename F>
void each_tap(const ConvShape& s, const ImageLayout& layout, F f) {
  for (std::int64_t i = 0; i < s.window[0]; ++i) {
    for (std::int64_t j = 0; j < s.window[1]; ++j) {
      for (std::int64_t k = 0; k < s.window[2]; ++k) {
        f(layout.at(i * s.dilation[0], j * s.dilation[1], k * s.dilation[2]));
      }
    }
  }
}

// Goes through results in order and knows where each one's window begins.
class PixelWalk {
 public:
  PixelWalk(const ConvShape& shape, const ImageLayout& layout, const ConvUnits& units,
            std::int64_t rows)
      : image_(layout.image) {
    for (int i = 0; i < 3; ++i) {
      sizes_[i] = i == units.axis ? rows : shape.out[i];
      steps_[i] = layout.strides[i] * shape.stride[i];
    }
  }
  // The current offset; then goes to the next pixel.
  std::int64_t next() {
    const std::int64_t now = row_ + column_ * steps_[2];
    if (++column_ == sizes_[2]) next_row();
    return now;
  }

 private:
  void next_row() {
    column_ = 0;
    if (++index_[1] == sizes_[1]) {
      index_[1] = 0;
      if (++index_[0] == sizes_[0]) {
        index_[0] = 0;
        first_ += image_;
      }
    }
    row_ = first_ + index_[0] * steps_[0] + index_[1] * steps_[1];
  }

  std::int64_t sizes_[3], steps_[3], image_;
  std::int64_t index_[2] = {}, column_ = 0, row_ = 0, first_ = 0;
};

}  // namespace cornu
