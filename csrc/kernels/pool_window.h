// Windows that slide over up to three spatial axes of (n, *spatial, c).
//   attributes [s, window per axis.., strides per axis.., low padding per axis..]
// How much padding comes behind follows from the shapes; taps in the padding don't count.
#pragma once

#include <cstdint>

#include "kernels/units.h"

namespace cornu {

struct Windows {
  struct Axis {
    std::int64_t size = 1;     // of the image
    std::int64_t results = 1;  // windows along it
    std::int64_t window = 1;
    std::int64_t stride = 1;
    std::int64_t low = 0;

    // The places [begin, end) that window `o` covers inside the image.
    std::int64_t begin(std::int64_t o) const { return std::max<std::int64_t>(o * stride - low, 0); }
    std::int64_t end(std::int64_t o) const { return std::min(o * stride - low + window, size); }

    // The windows [first, last) that cover place `p`.
    std::int64_t first(std::int64_t p) const {
      std::int64_t beyond = p + low - window;  // the last place before the first such window's
      return beyond < 0 ? 0 : beyond / stride + 1;
    }
    std::int64_t last(std::int64_t p) const { return std::min((p + low) / stride + 1, results); }
  };

  Axis axes[3];  // missing ones come first, of size 1
  std::int64_t n = 0, c = 0;

  std::int64_t pixels() const { return axes[0].size * axes[1].size * axes[2].size; }
  std::int64_t results() const { return axes[0].results * axes[1].results * axes[2].results; }
  std::int64_t taps() const { return axes[0].window * axes[1].window * axes[2].window; }
};

// The windows of an image and of what has one element for each window.
inline Windows windows_of(const Operand& image, const Operand& result,
                          const std::vector<std::int64_t>& attributes) {
  constexpr std::int64_t limit = std::int64_t{1} << 30;  // products of two don't overflow
  require(image.rank >= 3 && image.rank <= 5 && result.rank == image.rank,
          "pool: the operands must have one to three spatial axes");
  int s = image.rank - 2;
  require(attributes.size() == 1 + 3 * static_cast<std::size_t>(s) && attributes[0] == s,
          "pool: the attributes don't fit the rank");
  require(image.shape[0] == result.shape[0] && image.shape[s + 1] == result.shape[s + 1],
          "pool: batch and channels must be equal");
  Windows w;
  w.n = image.shape[0];
  w.c = image.shape[s + 1];
  double positions = 1;
  for (int i = 0; i < s; ++i) {
    auto at = [&](int group) { return attributes[static_cast<std::size_t>(1 + group * s + i)]; };
    Windows::Axis& a = w.axes[3 - s + i];
    a = {image.shape[i + 1], result.shape[i + 1], at(0), at(1), at(2)};
    require(a.window >= 1 && a.stride >= 1 && a.low >= 0 && a.size < limit && a.results < limit &&
                a.window < limit && a.stride < limit && a.low < limit,
            "pool: an attribute is out of range");
    positions *= static_cast<double>(a.results * a.stride + a.window + a.low + a.size);
  }
  require(positions < 2147483648.0, "pool: positions don't fit into 32 bits");
  return w;
}

}  // namespace cornu
