// Parts of arrays, all by strided copies. Inputs and outputs may have any strides.
// slice: also `reverse`, by negative steps.
//   inputs x; outputs y; attributes [start per axis.., step per axis..]: y[i] = x[start + i * step].
// split: inputs x; outputs the parts; attributes [axis].
// concatenate: inputs the parts; outputs y; attributes [axis].
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

std::unique_ptr<Kernel> make_slice(const Description& d) {
  require_counts(d, 1, 1);
  const Operand &x = d.inputs[0], &y = d.outputs[0];
  require(x.dtype == y.dtype && x.rank == y.rank, "slice: dtypes and ranks must be equal");
  require(d.attributes.size() == 2 * static_cast<std::size_t>(x.rank),
          "slice: there must be a start and a step per axis");
  std::int64_t offset = 0, strides[max_rank] = {};
  for (int i = 0; i < x.rank; ++i) {
    std::int64_t start = d.attributes[static_cast<std::size_t>(i)];
    std::int64_t step = d.attributes[static_cast<std::size_t>(x.rank + i)];
    std::int64_t n = x.shape[i], last = y.shape[i] - 1;
    if (last < 0) continue;  // nothing is read
    require(start >= 0 && start < n, "slice: a start is out of range");
    // The last element lies inside as well; this way round nothing overflows.
    require(last == 0 || (step > 0 ? step <= (n - 1 - start) / last
                                   : step < 0 && step >= -(start / last)),
            "slice: a part reaches beyond its axis");
    offset += start * x.strides[i];
    strides[i] = last == 0 ? 1 : step * x.strides[i];
  }
  StridedCopy copy(x.rank, y.shape, strides, y.strides, size_of(x.dtype));
  auto kernel = std::make_unique<Copies>();
  kernel->add(copy, 0, offset * static_cast<std::int64_t>(size_of(x.dtype)), 1, 0);
  return kernel;
}

std::unique_ptr<Kernel> make_split(const Description& d) {
  require(d.inputs.size() == 1 && d.attributes.size() == 1, "split: one input, one attribute");
  const Operand& x = d.inputs[0];
  std::int64_t axis = d.attributes[0];
  require_parts(x, d.outputs, axis);
  auto kernel = std::make_unique<Copies>();
  auto size = static_cast<std::int64_t>(size_of(x.dtype));
  std::int64_t at = 0;
  for (std::size_t i = 0; i < d.outputs.size(); ++i) {
    const Operand& y = d.outputs[i];
    kernel->add(StridedCopy(y.rank, y.shape, x.strides, y.strides, size_of(x.dtype)), 0,
                at == 0 ? 0 : at * x.strides[axis] * size, static_cast<int>(i) + 1, 0);
    at += y.shape[axis];
  }
  return kernel;
}

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
