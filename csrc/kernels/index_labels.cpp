// check_labels: inputs labels, of an integer dtype; outputs the same labels; both contiguous;
//   attributes [classes]. One outside of 0 .. classes - 1 is an error.
#include <cstring>
#include <string>

#include "kernels/dispatch.h"
#include "kernels/units.h"

namespace cornu {
namespace {

template <typename T>
class CheckLabels : public Kernel {
 public:
  CheckLabels(const Operand& labels, std::int64_t classes) : classes_(classes) {
    units_ = cut(labels.size(), 2 * sizeof(T));
    phases = {{units_.count()}, {units_.count()}};
    bytes = 3 * bytes_of(labels);
    may_alias = true;
  }

  void run(const Context& context, int phase, std::int64_t begin, std::int64_t end,
           char*) const override {
    std::int64_t from = units_.first(begin), to = units_.first(end);
    const T* labels = reinterpret_cast<const T*>(context.operands[0]);
    T* y = reinterpret_cast<T*>(context.operands[1]);
    if (phase == 1) {
      if (labels != y) std::copy(labels + from, labels + to, y + from);
      return;
    }
    // As an unsigned number a negative label is larger than any class.
    auto classes = static_cast<std::uint64_t>(classes_);
    bool wrong = false;
    for (std::int64_t i = from; i < to; ++i) {
      wrong |= static_cast<std::uint64_t>(static_cast<std::int64_t>(labels[i])) >= classes;
    }
    if (!wrong) return;
    for (std::int64_t i = from; i < to; ++i) {
      if (static_cast<std::uint64_t>(static_cast<std::int64_t>(labels[i])) < classes) continue;
      throw DataError("the label " + std::to_string(labels[i]) + " is no class: there are " +
                      std::to_string(classes_) + " classes");
    }
  }

 private:
  std::int64_t classes_;
  Units units_;
};

}  // namespace

std::unique_ptr<Kernel> make_check_labels(const Description& d) {
  require_counts(d, 1, 1);
  require_row_major(d);
  require(d.attributes.size() == 1 && d.attributes[0] >= 0, "check_labels: one attribute");
  const Operand &x = d.inputs[0], &y = d.outputs[0];
  require(x.dtype == y.dtype && same_shape(x, y), "check_labels: the result must be like `x`");
  return with_index(x.dtype, [&](auto zero) -> std::unique_ptr<Kernel> {
    return std::make_unique<CheckLabels<decltype(zero)>>(x, d.attributes[0]);
  });
}

}  // namespace cornu
