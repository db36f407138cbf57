// Reading at indices; all operands contiguous; indices of any integer dtype, negative ones from the
// end.
// take: inputs x, indices; outputs y (*before axis, *indices, *behind axis); attributes [axis].
// take_along_axis: inputs x, indices (x's shape but for the axis); outputs y, shaped like the
//   indices; attributes [axis].
// gather_nd: inputs x, indices (..., k); outputs y (..., *axes of x from k on); no attributes.
#include <cstring>

#include "kernels/index_places.h"

namespace cornu {
namespace {

// y[o, j, :] = x[o, places[j], :] for x (outer, n, inner).
class TakeRows : public Kernel {
 public:
  TakeRows(const Description& d, const Around& x, const Places& places)
      : places_(places), x_(x), size_(size_of(d.inputs[0].dtype)) {
    double row = 2 * static_cast<double>(x.inner) * static_cast<double>(size_);
    units_ = cut(x.outer * places.count(), row + 8);
    phases = {{places.units()}, {units_.count()}};
    workspace = places.workspace();
    bytes = 2 * bytes_of(d.outputs[0]) + 2 * bytes_of(d.inputs[1]);
  }

  void run(const Context& context, int phase, std::int64_t begin, std::int64_t end,
           char*) const override {
    if (phase == 0) return places_.find(context, begin, end);
    std::int64_t from = units_.first(begin), to = units_.first(end);
    std::size_t row = cornu::bytes(x_.inner, size_);
    with_bytes(size_, [&](auto zero) {
      if (row == sizeof zero) {
        rows<sizeof zero>(context, from, to, row);
      } else {
        rows<0>(context, from, to, row);
      }
    });
  }

 private:
  // `fixed`: bytes of a row, if known here.
  template <std::size_t fixed>
  void rows(const Context& context, std::int64_t from, std::int64_t to, std::size_t row) const {
    const std::int64_t* places = Places::in(context);
    std::int64_t many = places_.count();
    const std::size_t width = fixed ? fixed : row;
    while (from < to) {
      std::int64_t outer = from / many, first = from % many;
      std::int64_t last = std::min(many, first + to - from);
      const char* x = context.operands[0] + cornu::bytes(outer * x_.n, width);
      char* y = context.operands[2] + cornu::bytes(from, width);
      for (std::int64_t j = first; j < last; ++j, y += width) {
        std::memcpy(y, x + cornu::bytes(places[j], width), width);
      }
      from += last - first;
    }
  }

  Places places_;
  Around x_;
  std::size_t size_;
  Units units_;
};

// y[o, j, i] = x[o, places[o, j, i], i].
template <typename T>
class TakeAlong : public Kernel {
 public:
  TakeAlong(const Description& d, const Around& x, std::int64_t many, const Places& places)
      : places_(places), x_(x), many_(many) {
    units_ = cut(x.outer * many, static_cast<double>(x.inner) * (8 + 2 * sizeof(T)));
    phases = {{places.units()}, {units_.count()}};
    workspace = places.workspace();
    bytes = 2 * bytes_of(d.outputs[0]) + 2 * bytes_of(d.inputs[1]);
  }

  void run(const Context& context, int phase, std::int64_t begin, std::int64_t end,
           char*) const override {
    if (phase == 0) return places_.find(context, begin, end);
    const std::int64_t* places = Places::in(context);
    const T* x = reinterpret_cast<const T*>(context.operands[0]);
    T* y = reinterpret_cast<T*>(context.operands[2]);
    for (std::int64_t row = units_.first(begin); row < units_.first(end); ++row) {
      const T* block = x + row / many_ * x_.n * x_.inner;
      for (std::int64_t i = 0; i < x_.inner; ++i) {
        y[row * x_.inner + i] = block[places[row * x_.inner + i] * x_.inner + i];
      }
    }
  }

 private:
  Places places_;
  Around x_;
  std::int64_t many_;
  Units units_;
};

}  // namespace

std::unique_ptr<Kernel> make_take(const Description& d) {
  require_counts(d, 2, 1);
  require_row_major(d);
  require(d.attributes.size() == 1, "take: there must be one attribute");
  const Operand &x = d.inputs[0], &indices = d.inputs[1], &y = d.outputs[0];
  int axis = static_cast<int>(d.attributes[0]);
  Around parts = around(x, d.attributes[0]);
  require(x.dtype == y.dtype && y.rank == x.rank - 1 + indices.rank,
          "take: the result doesn't fit");
  bool fits = std::equal(x.shape, x.shape + axis, y.shape) &&
              std::equal(indices.shape, indices.shape + indices.rank, y.shape + axis) &&
              std::equal(x.shape + axis + 1, x.shape + x.rank, y.shape + axis + indices.rank);
  require(fits, "take: the result has the wrong shape");
  return std::make_unique<TakeRows>(d, parts, Places(indices, 1, &parts.n, 1));
}

std::unique_ptr<Kernel> make_gather_nd(const Description& d) {
  require_counts(d, 2, 1);
  require_row_major(d);
  const Operand &x = d.inputs[0], &indices = d.inputs[1], &y = d.outputs[0];
  require(indices.rank >= 1, "gather_nd: the indices must have an axis");
  std::int64_t k = indices.shape[indices.rank - 1];
  require(k <= x.rank && x.dtype == y.dtype, "gather_nd: the operands don't fit");
  int lead = indices.rank - 1;
  require(y.rank == lead + x.rank - k && std::equal(indices.shape, indices.shape + lead, y.shape) &&
              std::equal(x.shape + k, x.shape + x.rank, y.shape + lead),
          "gather_nd: the result has the wrong shape");
  Around rows{1, product(x.shape, 0, k), product(x.shape, k, x.rank)};
  return std::make_unique<TakeRows>(d, rows, Places(indices, 1, x.shape, static_cast<int>(k)));
}

std::unique_ptr<Kernel> make_take_along_axis(const Description& d) {
  require_counts(d, 2, 1);
  require_row_major(d);
  require(d.attributes.size() == 1, "take_along_axis: there must be one attribute");
  const Operand &x = d.inputs[0], &indices = d.inputs[1], &y = d.outputs[0];
  Around parts = around(x, d.attributes[0]);
  require(x.dtype == y.dtype && same_shape(indices, y) && x.rank == y.rank,
          "take_along_axis: the operands don't fit");
  for (int i = 0; i < x.rank; ++i) {
    require(i == d.attributes[0] || x.shape[i] == y.shape[i],
            "take_along_axis: the shapes must agree, except along the axis");
  }
  return with_bytes(size_of(x.dtype), [&](auto zero) -> std::unique_ptr<Kernel> {
    return std::make_unique<TakeAlong<decltype(zero)>>(d, parts, y.shape[d.attributes[0]],
                                                       Places(indices, 1, &parts.n, 1));
  });
}

}  // namespace cornu
