// pad: inputs x, value (1 element); outputs y; all contiguous;
//   attributes [low per axis.., interior per axis..].
// Element j of an axis lands at low + j * (interior + 1); what would land outside is left out; all
// other places get the value. How many there are at the end follows from the output's shape.
#include <cstring>

#include "kernels/dispatch.h"
#include "kernels/units.h"

namespace cornu {
namespace {

constexpr std::int64_t limit = std::int64_t{1} << 40;  // no sum or product of two overflows

// Where the elements of one axis land.
struct Axis {
  std::int64_t size = 1;   // of the output
  std::int64_t first = 0;  // elements [first, last) stay inside
  std::int64_t last = 1;
  std::int64_t start = 0;  // where the first of them lands
  std::int64_t step = 1;

  // The element that lands at `at`, or -1.
  std::int64_t element(std::int64_t at) const {
    std::int64_t from = at - start;
    if (from < 0 || from % step != 0) return -1;
    std::int64_t e = first + from / step;
    return e < last ? e : -1;
  }
};

Axis landing(std::int64_t n, std::int64_t size, std::int64_t low, std::int64_t interior) {
  require(interior >= 0 && interior < limit && low > -limit && low < limit && n < limit,
          "pad: an attribute is out of range");
  Axis a;
  a.size = size;
  a.step = interior + 1;
  a.first = low >= 0 ? 0 : (-low + a.step - 1) / a.step;
  a.start = low + a.first * a.step;
  std::int64_t fits = size > a.start ? (size - 1 - a.start) / a.step + 1 : 0;
  a.last = std::min(n, a.first + fits);
  if (a.last < a.first) a.last = a.first;
  return a;
}

// A row is one line of the last axis that is padded, with all axes behind it.
template <typename T>
class Pad : public Kernel {
 public:
  Pad(const Operand& x, const Operand& y, const std::vector<std::int64_t>& attributes) {
    int padded = -1;
    for (int i = 0; i < x.rank; ++i) {
      axes_[i] = landing(x.shape[i], y.shape[i], attributes[static_cast<std::size_t>(i)],
                         attributes[static_cast<std::size_t>(x.rank + i)]);
      shape_[i] = x.shape[i];
      bool whole = attributes[static_cast<std::size_t>(i)] == 0 && x.shape[i] == y.shape[i];
      if (!whole || axes_[i].step != 1) padded = i;
    }
    line_ = padded < 0 ? 0 : padded;
    if (x.rank == 0) shape_[0] = 1;
    run_ = product(x.shape, line_ + 1, x.rank);
    std::int64_t rows = product(y.shape, 0, line_);
    row_ = axes_[line_].size * run_;
    units_ = cut(rows, 2.0 * static_cast<double>(row_) * sizeof(T));
    phases[0].units = units_.count();
    bytes = bytes_of(y) + std::min(bytes_of(x), bytes_of(y));
  }

  void run(const Context& context, int, std::int64_t begin, std::int64_t end,
           char*) const override {
    const T* x = reinterpret_cast<const T*>(context.operands[0]);
    T value = *reinterpret_cast<const T*>(context.operands[1]);
    T* y = reinterpret_cast<T*>(context.operands[2]);
    for (std::int64_t i = units_.first(begin); i < units_.first(end); ++i) {
      std::int64_t source = row_of(i);
      T* row = y + i * row_;
      if (source < 0) {
        std::fill_n(row, row_, value);
      } else {
        line(x + source * shape_[line_] * run_, value, row);
      }
    }
  }

 private:
  // The row of the input that lands in row `at` of the output, or -1.
  std::int64_t row_of(std::int64_t at) const {
    std::int64_t row = 0, weight = 1;
    for (int i = line_ - 1; i >= 0; --i) {
      std::int64_t e = axes_[i].element(at % axes_[i].size);
      if (e < 0) return -1;
      at /= axes_[i].size;
      row += e * weight;
      weight *= shape_[i];
    }
    return row;
  }

  void line(const T* x, T value, T* y) const {
    const Axis& a = axes_[line_];
    std::int64_t count = a.last - a.first;
    if (count == 0) {
      std::fill_n(y, row_, value);
      return;
    }
    std::fill_n(y, a.start * run_, value);
    T* to = y + a.start * run_;
    const T* from = x + a.first * run_;
    if (a.step == 1) {
      to = std::copy_n(from, count * run_, to);
    } else {
      for (std::int64_t e = 0; e < count; ++e, from += run_) {
        to = std::copy_n(from, run_, to);
        if (e + 1 < count) to = std::fill_n(to, (a.step - 1) * run_, value);
      }
    }
    std::fill(to, y + row_, value);
  }

  Axis axes_[max_rank];
  std::int64_t shape_[max_rank] = {};
  int line_ = 0;
  std::int64_t run_ = 1, row_ = 1;  // elements behind the line's axis; of a row of the output
  Units units_;
};

}  // namespace

std::unique_ptr<Kernel> make_pad(const Description& d) {
  require_counts(d, 2, 1);
  require_row_major(d);
  const Operand &x = d.inputs[0], &value = d.inputs[1], &y = d.outputs[0];
  require(x.dtype == y.dtype && value.dtype == y.dtype, "pad: the dtypes must be equal");
  require(x.rank == y.rank && value.size() == 1, "pad: the ranks must be equal, the value one");
  require(d.attributes.size() == 2 * static_cast<std::size_t>(x.rank),
          "pad: there must be a low and an interior padding per axis");
  return with_bytes(size_of(x.dtype), [&](auto zero) -> std::unique_ptr<Kernel> {
    return std::make_unique<Pad<decltype(zero)>>(x, y, d.attributes);
  });
}

}  // namespace cornu
