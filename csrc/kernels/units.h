// How work is cut into units, and what the constructors of kernels check again and again.
#pragma once

#include <algorithm>
#include <cstdint>

#include "core/kernel.h"
#include "core/test_hooks.h"

namespace cornu {

// Equal items in a row, so many of them to a unit.
struct Units {
  std::int64_t items = 0;
  std::int64_t per = 1;

  std::int64_t count() const { return std::max<std::int64_t>((items + per - 1) / per, 1); }
  std::int64_t first(std::int64_t unit) const { return std::min(unit * per, items); }
};

// Units of about 256 KiB of traffic: some 30 microseconds.
inline Units cut(std::int64_t items, double bytes_per_item) {
  const double unit_bytes = 262144 * grain();
  double per = unit_bytes / std::max(bytes_per_item, 1.0);
  return {items, std::max<std::int64_t>(static_cast<std::int64_t>(per), 1)};
}

inline double bytes_of(const Operand& o) {
  return static_cast<double>(o.size()) * static_cast<double>(size_of(o.dtype));
}

inline std::size_t bytes(std::int64_t count, std::size_t size) {
  return static_cast<std::size_t>(count) * size;
}

inline std::int64_t product(const std::int64_t* shape, std::int64_t begin, std::int64_t end) {
  std::int64_t total = 1;
  for (std::int64_t i = begin; i < end; ++i) total *= shape[i];
  return total;
}

inline bool same_shape(const Operand& a, const Operand& b) {
  return a.rank == b.rank && std::equal(a.shape, a.shape + a.rank, b.shape);
}

// Whether two operands could share memory in place: the same number of bytes at the same addresses.
inline bool same_layout(const Operand& a, const Operand& b) {
  return same_shape(a, b) && std::equal(a.strides, a.strides + a.rank, b.strides) &&
         size_of(a.dtype) == size_of(b.dtype);
}

inline void require_counts(const Description& d, std::size_t inputs, std::size_t outputs) {
  require(d.inputs.size() == inputs, "the number of inputs is wrong");
  require(d.outputs.size() == outputs, "the number of outputs is wrong");
}

// Without elements any strides will do.
inline bool row_major(const Operand& o) { return o.size() == 0 || o.contiguous(); }

inline void require_row_major(const Description& d) {
  for (const Operand& o : d.inputs) require(row_major(o), "the inputs must be contiguous");
  for (const Operand& o : d.outputs) require(row_major(o), "the outputs must be contiguous");
}

// An array seen from one of its axes: (outer, n, inner).
struct Around {
  std::int64_t outer = 1;
  std::int64_t n = 1;
  std::int64_t inner = 1;
};

inline Around around(const Operand& o, std::int64_t axis) {
  require(axis >= 0 && axis < o.rank, "the axis is out of range");
  return {product(o.shape, 0, axis), o.shape[axis], product(o.shape, axis + 1, o.rank)};
}

}  // namespace cornu
