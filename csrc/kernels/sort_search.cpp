// searchsorted: inputs sorted (n,), values; outputs places (int32), shaped like the values; all
//   contiguous; attributes [0 left | 1 right]. NaN lies behind all other values.
#include <limits>

#include "kernels/dispatch.h"
#include "kernels/sort_keys.h"
#include "kernels/units.h"

namespace cornu {
namespace {

template <typename T>
class SearchSorted : public Kernel {
 public:
  SearchSorted(const Description& d, bool right) : n_(d.inputs[0].shape[0]), right_(right) {
    const Operand& values = d.inputs[1];
    bytes = 2 * bytes_of(values);
    double steps = 1;
    for (std::int64_t n = n_; n > 0; n /= 2) ++steps;
    flops = 8 * steps * static_cast<double>(values.size());
    units_ = cut(values.size(), 16 * steps);
    phases[0].units = units_.count();
  }

  void run(const Context& context, int, std::int64_t begin, std::int64_t end,
           char*) const override {
    const T* ordered = reinterpret_cast<const T*>(context.operands[0]);
    const T* values = reinterpret_cast<const T*>(context.operands[1]);
    auto* places = reinterpret_cast<std::int32_t*>(context.operands[2]);
    for (std::int64_t i = units_.first(begin); i < units_.first(end); ++i) {
      places[i] = static_cast<std::int32_t>(find(ordered, key_of(values[i])));
    }
  }

 private:
  // The number of elements below the key, or not above it.
  std::int64_t find(const T* ordered, KeyBits<T> key) const {
    std::int64_t low = 0, high = n_;
    while (low < high) {
      std::int64_t middle = low + (high - low) / 2;
      KeyBits<T> other = key_of(ordered[middle]);
      if (other < key || (right_ && other == key)) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  std::int64_t n_;
  bool right_;
  Units units_;
};

}  // namespace

std::unique_ptr<Kernel> make_searchsorted(const Description& d) {
  require_counts(d, 2, 1);
  require_row_major(d);
  const Operand &ordered = d.inputs[0], &values = d.inputs[1], &places = d.outputs[0];
  require(d.attributes.size() == 1, "searchsorted: there must be one attribute");
  require(ordered.rank == 1 && ordered.dtype == values.dtype && places.dtype == Dtype::int32 &&
              same_shape(values, places),
          "searchsorted: the operands don't fit");
  require(ordered.shape[0] <= std::numeric_limits<std::int32_t>::max(),
          "searchsorted: there are too many sorted values");
  return with_number(values.dtype, [&](auto zero) -> std::unique_ptr<Kernel> {
    return std::make_unique<SearchSorted<decltype(zero)>>(d, d.attributes[0] != 0);
  });
}

}  // namespace cornu
