// Copies of images with their pads, so that windows read without asking where the border is.
#pragma once

#include <algorithm>
#include <cstring>

#include "kernels/conv_shape.h"

namespace cornu {

// A box of a padded image: its first index on each axis, counted from the first pad, and its size.
struct PaddedBox {
  std::int64_t first[3], size[3];
};

inline PaddedBox padded_box(const ConvShape& s, const ConvUnits& units, std::int64_t first_row,
                            std::int64_t rows) {
  PaddedBox box;
  for (int i = 0; i < 3; ++i) {
    box.first[i] = i == units.axis ? first_row * s.stride[i] : 0;
    box.size[i] = s.extent(i, i == units.axis ? rows : s.out[i]);
  }
  return box;
}

// Calls row(image pixel, box pixel, before, inside, after) for each line of the box along the last
// axis: `inside` pixels exist, with `before` and `after` pads around. Pixels count along strides of
// the image and of the layout's copy.
template <typename F>
void each_line(const ConvShape& s, const PaddedBox& box, F row) {
  const std::int64_t begin = box.first[2] - s.low[2];
  const std::int64_t left = std::clamp<std::int64_t>(-begin, 0, box.size[2]);
  const std::int64_t right = std::clamp<std::int64_t>(s.in[2] - begin, left, box.size[2]);
  for (std::int64_t i = 0; i < box.size[0]; ++i) {
    const std::int64_t d = box.first[0] + i - s.low[0];
    for (std::int64_t j = 0; j < box.size[1]; ++j) {
      const std::int64_t h = box.first[1] + j - s.low[1];
      const bool exists = d >= 0 && d < s.in[0] && h >= 0 && h < s.in[1];
      const std::int64_t pixel = exists ? (d * s.in[1] + h) * s.in[2] + begin + left : 0;
      if (exists) {
        row(pixel, i, j, left, right - left, box.size[2] - right);
      } else {
        row(std::int64_t(0), i, j, box.size[2], std::int64_t(0), std::int64_t(0));
      }
    }
  }
}

// Writes the box of an image to `to`, whose lines are `layout`'s; pads become 0.
template <typename T>
void copy_padded(const ConvShape& s, const ImageLayout& layout, const PaddedBox& box,
                 const T* image, T* to) {
  const auto bytes = [&](std::int64_t pixels) { return std::size_t(pixels * s.c) * sizeof(T); };
  each_line(s, box, [&](std::int64_t pixel, std::int64_t i, std::int64_t j, std::int64_t before,
                        std::int64_t inside, std::int64_t after) {
    T* line = to + layout.at(i, j, 0);
    std::memset(line, 0, bytes(before));
    if (inside) std::memcpy(line + before * s.c, image + pixel * s.c, bytes(inside));
    if (after) std::memset(line + (before + inside) * s.c, 0, bytes(after));
  });
}

// The way back: pixels of the image from a copy of the whole; those outside of it become 0.
template <typename T>
void copy_unpadded(const ConvShape& s, const ImageLayout& layout, const T* from, T* image) {
  for (std::int64_t d = 0; d < s.in[0]; ++d) {
    for (std::int64_t h = 0; h < s.in[1]; ++h) {
      T* line = image + (d * s.in[1] + h) * s.in[2] * s.c;
      const std::int64_t i = d + s.low[0], j = h + s.low[1];
      const std::int64_t width = s.extent(2, s.out[2]);
      const bool exists =
          i >= 0 && i < s.extent(0, s.out[0]) && j >= 0 && j < s.extent(1, s.out[1]);
      const std::int64_t left = exists ? std::clamp<std::int64_t>(-s.low[2], 0, s.in[2]) : s.in[2];
      const std::int64_t right =
          exists ? std::clamp<std::int64_t>(width - s.low[2], left, s.in[2]) : s.in[2];
      std::fill(line, line + left * s.c, T(0));
      if (right > left) {
        std::memcpy(line + left * s.c, from + layout.at(i, j, left + s.low[2]),
                    std::size_t((right - left) * s.c) * sizeof(T));
      }
      std::fill(line + right * s.c, line + s.in[2] * s.c, T(0));
    }
  }
}

}  // namespace cornu
