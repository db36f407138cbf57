// sort: inputs x; outputs values, indices (int32), both shaped like x; attributes [axis].
//   Ascending and stable; NaN last.
// top_k: inputs x; outputs values, indices (int32), both (.., k); no attributes.
//   The greatest of the last axis, descending; the first of equal ones first; NaN before all.
// All contiguous.
#include <algorithm>
#include <cmath>
#include <limits>

#include "kernels/dispatch.h"
#include "kernels/sort_keys.h"
#include "kernels/units.h"

namespace cornu {
namespace {

template <typename T>
class Sort : public Kernel {
 public:
  Sort(const Description& d, const Around& shape) : shape_(shape) {
    const Operand& x = d.inputs[0];
    bytes = bytes_of(x) + bytes_of(d.outputs[0]) + bytes_of(d.outputs[1]);
    double steps = 4 * std::log2(static_cast<double>(shape.n) + 2);
    flops = 4 * steps * static_cast<double>(x.size());
    units_ = cut(shape.outer * shape.inner, static_cast<double>(shape.n) * 8 * steps);
    phases[0].units = units_.count();
    scratch = cornu::bytes(shape.n, sizeof(Entry<T>));
  }

  void run(const Context& context, int, std::int64_t begin, std::int64_t end,
           char* memory) const override {
    auto* entries = reinterpret_cast<Entry<T>*>(memory);
    std::int64_t n = shape_.n, step = shape_.inner;
    for (std::int64_t line = units_.first(begin); line < units_.first(end); ++line) {
      std::int64_t at = line / step * n * step + line % step;
      const T* x = reinterpret_cast<const T*>(context.operands[0]) + at;
      T* values = reinterpret_cast<T*>(context.operands[1]) + at;
      auto* places = reinterpret_cast<std::int32_t*>(context.operands[2]) + at;
      for (std::int64_t i = 0; i < n; ++i) {
        entries[i] = {key_of(x[i * step]), static_cast<std::uint32_t>(i)};
      }
      std::sort(entries, entries + n);
      for (std::int64_t i = 0; i < n; ++i) {
        auto place = static_cast<std::int64_t>(entries[i].place());
        values[i * step] = x[place * step];
        places[i * step] = static_cast<std::int32_t>(place);
      }
    }
  }

 private:
  Around shape_;
  Units units_;
};

template <typename T>
class TopK : public Kernel {
 public:
  TopK(const Description& d, std::int64_t n, std::int64_t k) : n_(n), k_(k) {
    const Operand& x = d.inputs[0];
    bytes = bytes_of(x) + bytes_of(d.outputs[0]) + bytes_of(d.outputs[1]);
    double steps = 2 + std::log2(static_cast<double>(k) + 1);
    flops = 2 * steps * static_cast<double>(x.size());
    rows_ = product(x.shape, 0, x.rank - 1);
    units_ = cut(rows_, static_cast<double>(n) * 8 * steps);
    phases[0].units = units_.count();
    scratch = cornu::bytes(n, sizeof(Entry<T>));
  }

  void run(const Context& context, int, std::int64_t begin, std::int64_t end,
           char* memory) const override {
    if (k_ == 0) return;
    auto* entries = reinterpret_cast<Entry<T>*>(memory);
    for (std::int64_t row = units_.first(begin); row < units_.first(end); ++row) {
      const T* x = reinterpret_cast<const T*>(context.operands[0]) + row * n_;
      T* values = reinterpret_cast<T*>(context.operands[1]) + row * k_;
      auto* places = reinterpret_cast<std::int32_t*>(context.operands[2]) + row * k_;
      for (std::int64_t i = 0; i < n_; ++i) {
        // The other way round, so that the greatest comes first, and the first of equal ones.
        entries[i] = {static_cast<KeyBits<T>>(~key_of(x[i])), static_cast<std::uint32_t>(i)};
      }
      select(entries);
      for (std::int64_t i = 0; i < k_; ++i) {
        std::uint32_t place = entries[i].place();
        values[i] = x[place];
        places[i] = static_cast<std::int32_t>(place);
      }
    }
  }

 private:
  // The k least entries in front, in order.
  void select(Entry<T>* entries) const {
    if (k_ <= 32) {
      std::partial_sort(entries, entries + k_, entries + n_);
      return;
    }
    if (k_ < n_) std::nth_element(entries, entries + k_, entries + n_);
    std::sort(entries, entries + k_);
  }

  std::int64_t n_, k_, rows_ = 0;
  Units units_;
};

void require_results(const Description& d) {
  require_counts(d, 1, 2);
  require_row_major(d);
  const Operand &x = d.inputs[0], &values = d.outputs[0], &places = d.outputs[1];
  require(values.dtype == x.dtype && places.dtype == Dtype::int32 && same_shape(values, places),
          "sort: the results must be values and places");
}

constexpr std::int64_t longest = std::numeric_limits<std::int32_t>::max();

}  // namespace

std::unique_ptr<Kernel> make_sort(const Description& d) {
  require_results(d);
  require(d.attributes.size() == 1, "sort: there must be one attribute");
  const Operand& x = d.inputs[0];
  Around shape = around(x, d.attributes[0]);
  require(same_shape(x, d.outputs[0]), "sort: the shapes must be equal");
  require(shape.n <= longest, "sort: the axis is too long");
  return with_number(x.dtype, [&](auto zero) -> std::unique_ptr<Kernel> {
    return std::make_unique<Sort<decltype(zero)>>(d, shape);
  });
}

std::unique_ptr<Kernel> make_top_k(const Description& d) {
  require_results(d);
  const Operand &x = d.inputs[0], &values = d.outputs[0];
  require(x.rank >= 1 && values.rank == x.rank &&
              std::equal(x.shape, x.shape + x.rank - 1, values.shape),
          "top_k: the result has a wrong shape");
  std::int64_t n = x.shape[x.rank - 1], k = values.shape[x.rank - 1];
  require(k <= n && n <= longest, "top_k: k is out of range");
  return with_number(x.dtype, [&](auto zero) -> std::unique_ptr<Kernel> {
    return std::make_unique<TopK<decltype(zero)>>(d, n, k);
  });
}

}  // namespace cornu
