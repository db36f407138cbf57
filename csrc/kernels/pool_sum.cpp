// pool_sum: inputs x (n, *spatial, c); outputs y (n, *results, c): sums over windows.
// pool_sum_grad: inputs g (n, *results, c); outputs x (n, *spatial, c): what each pixel's windows
//   have, summed.
// All contiguous; attributes as in pool_window.h.
#include <type_traits>

#include "kernels/dispatch.h"
#include "kernels/pool_window.h"

namespace cornu {
namespace {

// Each place of the output sums a box of the input. From results to pixels or the other way, only
// the bounds of the box differ.
template <typename T>
class BoxSum : public Kernel {
 public:
  BoxSum(const Windows& w, const Description& d, bool backwards) : w_(w), backwards_(backwards) {
    double taps = static_cast<double>(w.taps());
    std::int64_t rows = w.n * to(0) * to(1);
    bytes = bytes_of(d.inputs[0]) + bytes_of(d.outputs[0]);
    double result = static_cast<double>(w.n * w.results() * w.c);
    flops = result * taps;
    double row = result * taps * sizeof(T) / static_cast<double>(std::max<std::int64_t>(rows, 1));
    units_ = cut(rows, row + bytes / static_cast<double>(std::max<std::int64_t>(rows, 1)));
    phases[0].units = units_.count();
  }

  void run(const Context& context, int, std::int64_t begin, std::int64_t end,
           char*) const override {
    // Integers as unsigned: sums of signed ones would overflow.
    using U = typename Sums<T>::type;
    const U* x = reinterpret_cast<const U*>(context.operands[0]);
    U* y = reinterpret_cast<U*>(context.operands[1]);
    std::int64_t c = w_.c, image = from(0) * from(1) * from(2) * c;
    for (std::int64_t row = units_.first(begin); row < units_.first(end); ++row) {
      std::int64_t h = row % to(1), d = row / to(1) % to(0);
      const U* source = x + row / to(1) / to(0) * image;
      for (std::int64_t v = 0; v < to(2); ++v) {
        U* sum = y + (row * to(2) + v) * c;
        std::fill_n(sum, c, U{});
        std::int64_t last = high(2, v);
        for (std::int64_t i = low(0, d); i < high(0, d); ++i) {
          for (std::int64_t j = low(1, h); j < high(1, h); ++j) {
            for (std::int64_t k = low(2, v); k < last; ++k) {
              const U* tap = source + ((i * from(1) + j) * from(2) + k) * c;
              for (std::int64_t ch = 0; ch < c; ++ch) {
                sum[ch] = static_cast<U>(sum[ch] + tap[ch]);
              }
            }
          }
        }
      }
    }
  }

 private:
  template <typename N, bool is_integer = std::is_integral_v<N>>
  struct Sums {
    using type = N;
  };
  template <typename N>
  struct Sums<N, true> {
    using type = std::make_unsigned_t<N>;
  };

  std::int64_t from(int axis) const {
    return backwards_ ? w_.axes[axis].results : w_.axes[axis].size;
  }
  std::int64_t to(int axis) const {
    return backwards_ ? w_.axes[axis].size : w_.axes[axis].results;
  }
  std::int64_t low(int axis, std::int64_t at) const {
    return backwards_ ? w_.axes[axis].first(at) : w_.axes[axis].begin(at);
  }
  std::int64_t high(int axis, std::int64_t at) const {
    return backwards_ ? w_.axes[axis].last(at) : w_.axes[axis].end(at);
  }

  Windows w_;
  bool backwards_;
  Units units_;
};

std::unique_ptr<Kernel> box_sum(const Description& d, bool backwards) {
  require_counts(d, 1, 1);
  require_row_major(d);
  const Operand &in = d.inputs[0], &out = d.outputs[0];
  require(in.dtype == out.dtype, "pool: the dtypes must be equal");
  Windows w = backwards ? windows_of(out, in, d.attributes) : windows_of(in, out, d.attributes);
  return with_number(in.dtype, [&](auto zero) -> std::unique_ptr<Kernel> {
    return std::make_unique<BoxSum<decltype(zero)>>(w, d, backwards);
  });
}

}  // namespace

std::unique_ptr<Kernel> make_pool_sum(const Description& d) { return box_sum(d, false); }

std::unique_ptr<Kernel> make_pool_sum_grad(const Description& d) { return box_sum(d, true); }

}  // namespace cornu
