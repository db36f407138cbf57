// cumulative: inputs x; outputs y of the same shape; both contiguous;
//   attributes [operation, axis, reverse], operation: 0 sum, 1 product, 2 max, 3 min,
//   4 log of the sum of exponentials. In place where y shares x's memory.
// Each line goes element by element, so that results are those of a loop; max and min keep NaN.
#include <cmath>
#include <type_traits>

#include "kernels/combine.h"
#include "kernels/dispatch.h"
#include "kernels/units.h"

namespace cornu {
namespace {

struct LogAddExp {
  template <typename T>
  static T of(T a, T b) {
    if (a == b) return a + static_cast<T>(0.693147180559945309417232121458176568L);
    T difference = a - b;
    if (difference > 0) return a + std::log1p(std::exp(-difference));
    if (difference <= 0) return b + std::log1p(std::exp(difference));
    return difference;  // NaN
  }
};

// Items: a tile of the inner axis of one outer place.
template <typename T, typename Op>
class Cumulative : public Kernel {
 public:
  Cumulative(const Operand& x, const Around& shape, bool reverse, double cost)
      : shape_(shape), reverse_(reverse) {
    bytes = 2 * bytes_of(x);
    flops = cost * static_cast<double>(x.size());
    tiles_ = (shape.inner + tile - 1) / tile;
    auto elements = static_cast<double>(shape.n * std::min(tile, shape.inner));
    units_ = cut(shape.outer * tiles_, elements * 2 * sizeof(T) * cost);
    phases[0].units = units_.count();
    may_alias = true;
  }

  void run(const Context& context, int, std::int64_t begin, std::int64_t end,
           char*) const override {
    if (shape_.n == 0) return;
    const T* x = reinterpret_cast<const T*>(context.operands[0]);
    T* y = reinterpret_cast<T*>(context.operands[1]);
    std::int64_t step = reverse_ ? -shape_.inner : shape_.inner;
    std::int64_t item = units_.first(begin), last = units_.first(end);
    if (shape_.inner == 1) {
      for (; item + together <= last; item += together) several(x, y, item);
    }
    for (; item < last; ++item) {
      std::int64_t column = item % tiles_ * tile;
      std::int64_t at = item / tiles_ * shape_.n * shape_.inner + column;
      if (reverse_) at += (shape_.n - 1) * shape_.inner;
      std::int64_t columns = std::min(tile, shape_.inner - column);
      if (columns == 1) {
        line(x + at, step, y + at);
      } else {
        lines(x + at, step, columns, y + at);
      }
    }
  }

 private:
  static constexpr std::int64_t tile = 512;
  static constexpr int together = 8;

  // Several lines at a time: each is a chain, in which an element waits for the one before.
  void several(const T* x, T* y, std::int64_t first) const {
    std::int64_t n = shape_.n, step = reverse_ ? -1 : 1;
    std::int64_t at = first * n + (reverse_ ? n - 1 : 0);
    T sums[together];
    for (int k = 0; k < together; ++k) y[at + k * n] = sums[k] = x[at + k * n];
    for (std::int64_t i = 1; i < n; ++i) {
      at += step;
      for (int k = 0; k < together; ++k) {
        y[at + k * n] = sums[k] = Op::of(sums[k], x[at + k * n]);
      }
    }
  }

  void line(const T* x, std::int64_t step, T* y) const {
    T sum = *x;
    *y = sum;
    for (std::int64_t i = 1; i < shape_.n; ++i) {
      x += step;
      y += step;
      sum = Op::of(sum, *x);
      *y = sum;
    }
  }

  void lines(const T* x, std::int64_t step, std::int64_t columns, T* y) const {
    if (x != y) std::copy_n(x, columns, y);
    for (std::int64_t i = 1; i < shape_.n; ++i) {
      const T* last = y;
      x += step;
      y += step;
      for (std::int64_t j = 0; j < columns; ++j) y[j] = Op::of(last[j], x[j]);
    }
  }

  Around shape_;
  bool reverse_;
  std::int64_t tiles_ = 1;
  Units units_;
};

template <typename T, typename Op>
std::unique_ptr<Kernel> made(const Description& d, const Around& shape, double cost = 1) {
  return std::make_unique<Cumulative<T, Op>>(d.inputs[0], shape, d.attributes[2] != 0, cost);
}

}  // namespace

std::unique_ptr<Kernel> make_cumulative(const Description& d) {
  require_counts(d, 1, 1);
  require_row_major(d);
  require(d.attributes.size() == 3, "cumulative: there must be three attributes");
  const Operand &x = d.inputs[0], &y = d.outputs[0];
  require(x.dtype == y.dtype && same_shape(x, y), "cumulative: the result must be like `x`");
  Around shape = around(x, d.attributes[1]);
  return with_number(x.dtype, [&](auto zero) -> std::unique_ptr<Kernel> {
    using T = decltype(zero);
    using Word = Wrapping<T>;
    switch (d.attributes[0]) {
      case 0:
      case 1:
        require(x.dtype != Dtype::boolean, "cumulative: bool has no sums and products");
        return d.attributes[0] == 0 ? made<Word, Plus>(d, shape) : made<Word, Times>(d, shape);
      case 2:
        return made<T, Greatest>(d, shape);
      case 3:
        return made<T, Least>(d, shape);
      case 4:
        if constexpr (std::is_floating_point_v<T>) return made<T, LogAddExp>(d, shape, 20);
        throw PlanError("cumulative: exponentials need a floating dtype");
      default:
        throw PlanError("cumulative: there is no such operation");
    }
  });
}

}  // namespace cornu
