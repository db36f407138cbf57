#include "kernels/conv_shape.h"

#include <algorithm>

namespace cornu {
namespace {

// Larger numbers can only come from a broken plan, and their products must fit.
constexpr std::int64_t most = std::int64_t(1) << 30;

void read_attributes(ConvShape& s, const std::vector<std::int64_t>& attributes, int axes) {
  const int shift = 3 - axes;
  const std::int64_t* next = attributes.data() + 1;
  for (int i = 0; i < axes; ++i) s.stride[shift + i] = *next++;
  for (int i = 0; i < axes; ++i) s.low[shift + i] = *next++;
  for (int i = 0; i < axes; ++i) s.dilation[shift + i] = *next++;
  s.groups = *next++;
  require(*next == 0 || *next == 1, "conv: has_bias must be 0 or 1");
  s.has_bias = *next++ == 1;
  require(*next == 0 || *next == 1, "conv: unknown activation");
  s.relu = *next == 1;
  for (int i = 0; i < 3; ++i) {
    require(s.stride[i] >= 1 && s.stride[i] < most, "conv: stride out of range");
    require(s.dilation[i] >= 1 && s.dilation[i] < most, "conv: dilation out of range");
    require(s.low[i] > -most && s.low[i] < most, "conv: pad out of range");
  }
}

void verify_sizes(const ConvShape& s) {
  double copy = 1;
  for (int i = 0; i < 3; ++i) {
    require(s.in[i] < most && s.window[i] < most && s.out[i] < most, "conv: axis too long");
    if (s.empty()) continue;
    const double extent = (double(s.out[i]) - 1) * double(s.stride[i]) +
                          (double(s.window[i]) - 1) * double(s.dilation[i]) + 1;
    copy *= extent;
  }
  require(copy * double(s.c) * 8 < 1e15, "conv: windows reach too far");
}

}  // namespace

bool ConvShape::padded() const {
  for (int i = 0; i < 3; ++i) {
    if (low[i] > 0 || extent(i, out[i]) - low[i] > in[i]) return true;
  }
  return false;
}

bool ConvShape::pointwise() const {
  for (int i = 0; i < 3; ++i) {
    if (window[i] != 1 || stride[i] != 1 || low[i] != 0 || in[i] != out[i]) return false;
  }
  return groups == 1;
}

bool ConvShape::empty() const {
  return n == 0 || c == 0 || f == 0 || in_pixels() == 0 || out_pixels() == 0 || taps() == 0;
}

double ConvShape::flops() const {
  return 2.0 * double(n) * double(out_pixels()) * double(taps()) * double(f) *
         double(groups ? c / groups : 0);
}

ConvShape ConvShape::towards_input() const {
  ConvShape s = *this;
  std::swap(s.c, s.f);
  for (int i = 0; i < 3; ++i) {
    s.in[i] = out[i];
    s.out[i] = in[i];
    s.low[i] = (window[i] - 1) * dilation[i] - low[i];
  }
  return s;
}

ConvShape conv_shape(const Description& d, ConvRole role) {
  require(!d.attributes.empty() && d.attributes[0] >= 1 && d.attributes[0] <= 3,
          "conv: one to three spatial axes expected");
  const int axes = static_cast<int>(d.attributes[0]);
  require(d.attributes.size() == std::size_t(3 * axes + 4), "conv: wrong number of attributes");
  ConvShape s;
  read_attributes(s, d.attributes, axes);
  require(role == ConvRole::forward || (!s.has_bias && !s.relu),
          "conv: a gradient has neither bias nor activation");
  require(d.inputs.size() == (s.has_bias ? 3u : 2u) && d.outputs.size() == 1,
          "conv: wrong number of operands");
  const Operand& x = role == ConvRole::grad_input ? d.outputs[0] : d.inputs[0];
  const Operand& w = role == ConvRole::grad_kernel ? d.outputs[0] : d.inputs[1];
  const Operand& y = role == ConvRole::forward      ? d.outputs[0]
                     : role == ConvRole::grad_input ? d.inputs[0]
                                                    : d.inputs[1];
  s.dtype = x.dtype;
  require(s.dtype == Dtype::float32 || s.dtype == Dtype::float64, "conv: no kernel for this dtype");
  require(w.dtype == s.dtype && y.dtype == s.dtype, "conv: dtypes differ");
  require(x.rank == axes + 2 && w.rank == axes + 2 && y.rank == axes + 2, "conv: wrong ranks");
  for (const Operand* operand : {&x, &w, &y}) {
    require(operand->contiguous() || operand->size() == 0, "conv: an operand has gaps");
  }
  s.n = x.shape[0];
  s.c = x.shape[axes + 1];
  s.f = y.shape[axes + 1];
  for (int i = 0; i < axes; ++i) {
    s.in[3 - axes + i] = x.shape[1 + i];
    s.out[3 - axes + i] = y.shape[1 + i];
    s.window[3 - axes + i] = w.shape[i];
  }
  require(y.shape[0] == s.n && w.shape[axes + 1] == s.f, "conv: shapes don't fit");
  require(s.groups >= 1 && s.c % s.groups == 0 && s.f % s.groups == 0 &&
              w.shape[axes] == s.c / s.groups,
          "conv: groups don't fit the channels");
  if (s.has_bias) {
    const Operand& bias = d.inputs[2];
    require(bias.dtype == s.dtype && bias.rank == 1 && bias.shape[0] == s.f &&
                (bias.contiguous() || s.f == 0),
            "conv: the bias must be a contiguous vector, one element per filter");
  }
  verify_sizes(s);
  return s;
}

ConvUnits conv_units(const ConvShape& s, double flops_per_unit, bool whole_images) {
  ConvUnits u;
  u.axis = s.out[0] > 1 ? 0 : s.out[1] > 1 ? 1 : 2;
  u.rows = s.out[u.axis];
  const double per_image = s.flops() / double(s.n);
  if (whole_images || per_image < 2 * flops_per_unit) {
    const double images = flops_per_unit / std::max(per_image, 1.0);
    u.images = std::clamp<std::int64_t>(images < double(s.n) ? std::int64_t(images) : s.n, 1, s.n);
    u.count = (s.n + u.images - 1) / u.images;
  } else {
    const auto rows = std::int64_t(double(u.rows) * flops_per_unit / per_image);
    u.rows = std::clamp<std::int64_t>(rows, 1, u.rows);
    u.count = s.n * ((s.out[u.axis] + u.rows - 1) / u.rows);
  }
  return u;
}

ConvUnits::Unit ConvUnits::unit(const ConvShape& s, std::int64_t index) const {
  const std::int64_t all = s.out[axis];
  if (rows == all) {
    const std::int64_t first = index * images;
    return {first, std::min(images, s.n - first), 0, all};
  }
  const std::int64_t parts = (all + rows - 1) / rows;
  const std::int64_t row = index % parts * rows;
  return {index / parts, 1, row, std::min(rows, all - row)};
}

ImageLayout image_layout(const ConvShape& s, const ConvUnits& units) {
  ImageLayout layout;
  layout.copied = s.padded();
  std::int64_t sizes[3];
  for (int i = 0; i < 3; ++i) {
    const std::int64_t outputs = i == units.axis ? units.rows : s.out[i];
    sizes[i] = layout.copied ? s.extent(i, outputs) : s.in[i];
  }
  layout.strides[2] = s.c;
  layout.strides[1] = s.c * sizes[2];
  layout.strides[0] = s.c * sizes[2] * sizes[1];
  layout.image = layout.strides[0] * sizes[0];
  if (!layout.copied) layout.start = layout.at(-s.low[0], -s.low[1], -s.low[2]);
  return layout;
}

}  // namespace cornu
