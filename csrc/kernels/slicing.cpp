// concatenate: inputs the parts, outputs y, all of any strides; attributes [axis].
// Its inverse and other parts of arrays are no kernels: they are read where they lie.
#include "kernels/copy_strided.h"

namespace cornu {
namespace {

// Checks parts that lie one behind the other along an axis of `whole`.
void require_parts(const Operand& whole, const std::vector<Operand>& parts, std::int64_t axis) {
  require(axis >= 0 && axis < whole.rank, "the axis is out of range");
  std::int64_t total = 0;
  for (const Operand& part : parts) {
    require(part.dtype == whole.dtype && part.rank == whole.rank, "the parts must be alike");
    for (int i = 0; i < whole.rank; ++i) {
      require(i == axis || part.shape[i] == whole.shape[i], "the shapes of the parts are wrong");
    }
    total += part.shape[axis];
  }
  require(total == whole.shape[axis], "the parts must add up to the whole");
}

}  // namespace

std::unique_ptr<Kernel> make_concatenate(const Description& d) {
  require(d.outputs.size() == 1 && d.attributes.size() == 1,
          "concatenate: one output, one attribute");
  const Operand& y = d.outputs[0];
  std::int64_t axis = d.attributes[0];
  require_parts(y, d.inputs, axis);
  auto kernel = std::make_unique<Copies>();
  auto size = static_cast<std::int64_t>(size_of(y.dtype));
  std::int64_t at = 0;
  for (std::size_t i = 0; i < d.inputs.size(); ++i) {
    const Operand& x = d.inputs[i];
    kernel->add(StridedCopy(x.rank, x.shape, x.strides, y.strides, size_of(y.dtype)),
                static_cast<int>(i), 0, static_cast<int>(d.inputs.size()),
                at == 0 ? 0 : at * y.strides[axis] * size);
    at += x.shape[axis];
  }
  return kernel;
}

}  // namespace cornu
