// copy: any strides in, any strides out; equal shapes and dtypes.
//   inputs x; outputs y; no attributes.
// full: one value everywhere.
//   no inputs; outputs y, contiguous; attributes [the bytes of one element, low bytes first].
// iota: 0, 1, 2, ...
//   no inputs; outputs y (n,); no attributes.
#include "kernels/copy_strided.h"
#include "kernels/dispatch.h"

namespace cornu {
namespace {

template <typename T>
class Full : public Kernel {
 public:
  Full(const Operand& y, std::int64_t word) : value_(static_cast<T>(word)) {
    units_ = cut(y.size(), sizeof(T));
    phases[0].units = units_.count();
    bytes = bytes_of(y);
  }

  void run(const Context& context, int, std::int64_t begin, std::int64_t end,
           char*) const override {
    T* y = reinterpret_cast<T*>(context.operands[0]);
    std::fill(y + units_.first(begin), y + units_.first(end), value_);
  }

 private:
  T value_;
  Units units_;
};

template <typename T>
class Iota : public Kernel {
 public:
  explicit Iota(const Operand& y) {
    units_ = cut(y.size(), sizeof(T));
    phases[0].units = units_.count();
    bytes = bytes_of(y);
  }

  void run(const Context& context, int, std::int64_t begin, std::int64_t end,
           char*) const override {
    T* y = reinterpret_cast<T*>(context.operands[0]);
    for (std::int64_t i = units_.first(begin); i < units_.first(end); ++i) {
      y[i] = static_cast<T>(i);
    }
  }

 private:
  Units units_;
};

}  // namespace

std::unique_ptr<Kernel> make_copy(const Description& d) {
  require_counts(d, 1, 1);
  const Operand &x = d.inputs[0], &y = d.outputs[0];
  require(x.dtype == y.dtype, "copy: the dtypes must be equal");
  require(same_shape(x, y), "copy: the shapes must be equal");
  auto kernel = std::make_unique<Copies>();
  kernel->add(StridedCopy(x.rank, x.shape, x.strides, y.strides, size_of(x.dtype)), 0, 0, 1, 0);
  kernel->may_alias = true;
  return kernel;
}

std::unique_ptr<Kernel> make_full(const Description& d) {
  require_counts(d, 0, 1);
  require_row_major(d);
  require(d.attributes.size() == 1, "full: there must be one attribute");
  const Operand& y = d.outputs[0];
  return with_bytes(size_of(y.dtype), [&](auto zero) -> std::unique_ptr<Kernel> {
    return std::make_unique<Full<decltype(zero)>>(y, d.attributes[0]);
  });
}

std::unique_ptr<Kernel> make_iota(const Description& d) {
  require_counts(d, 0, 1);
  require_row_major(d);
  const Operand& y = d.outputs[0];
  require(y.rank == 1 && y.dtype != Dtype::boolean, "iota: it has one axis and isn't bool");
  return with_number(y.dtype, [&](auto zero) -> std::unique_ptr<Kernel> {
    return std::make_unique<Iota<decltype(zero)>>(y);
  });
}

}  // namespace cornu
