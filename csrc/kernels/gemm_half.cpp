#include "kernels/gemm_half.h"

#include <utility>

#include "kernels/block/halves.h"
#include "kernels/gemm.h"

namespace cornu {
namespace {

using block::Bfloat16;
using block::Float16;
using block::narrow;
using block::widen;

// Calls row(offset, flat index) for every row of the last axis.
template <typename F>
void each_row(const Operand& operand, F row) {
  if (operand.size() == 0) return;
  const int outer = operand.rank - 1;
  const std::int64_t length = operand.shape[outer];
  std::int64_t index[max_rank] = {}, offset = 0, flat = 0;
  while (true) {
    row(offset, flat);
    flat += length;
    int axis = outer - 1;
    for (; axis >= 0; --axis) {
      offset += operand.strides[axis];
      if (++index[axis] < operand.shape[axis]) break;
      offset -= operand.strides[axis] * operand.shape[axis];
      index[axis] = 0;
    }
    if (axis < 0) return;
  }
}

template <typename Half>
void widen_all(const Operand& operand, const Half* from, float* to) {
  const std::int64_t length = operand.shape[operand.rank - 1];
  const std::int64_t stride = operand.strides[operand.rank - 1];
  each_row(operand, [=](std::int64_t offset, std::int64_t flat) {
    for (std::int64_t i = 0; i < length; ++i) to[flat + i] = widen(from[offset + i * stride]);
  });
}

template <typename Half>
void narrow_all(const Operand& operand, const float* from, Half* to) {
  const std::int64_t length = operand.shape[operand.rank - 1];
  const std::int64_t stride = operand.strides[operand.rank - 1];
  each_row(operand, [=](std::int64_t offset, std::int64_t flat) {
    for (std::int64_t i = 0; i < length; ++i) {
      to[offset + i * stride] = narrow<Half>(from[flat + i]);
    }
  });
}

Operand widened(const Operand& operand) {
  Operand whole = operand;
  whole.dtype = Dtype::float32;
  std::int64_t stride = 1;
  for (int i = whole.rank; i-- > 0;) {
    whole.strides[i] = stride;
    stride *= whole.shape[i];
  }
  return whole;
}

Description widened(const Description& d) {
  Description whole = d;
  for (Operand& operand : whole.inputs) operand = widened(operand);
  for (Operand& operand : whole.outputs) operand = widened(operand);
  return whole;
}

// Copies the operands to float32, multiplies the copies, and rounds the result, in three phases.
template <typename Half>
class GemmHalf final : public Kernel {
 public:
  explicit GemmHalf(const Description& d)
      : operands_(d.inputs), shape_(gemm_shape(widened(d))), gemm_(shape_) {
    operands_.push_back(d.outputs[0]);
    for (const Operand& operand : operands_) {
      places_.push_back(workspace);
      workspace += (static_cast<std::size_t>(operand.size()) * sizeof(float) + 63) / 64 * 64;
    }
    phases = {Phase{static_cast<std::int64_t>(d.inputs.size())}, gemm_.phases[0], Phase{}};
    scratch = gemm_.scratch;
    flops = gemm_.flops;
    bytes = gemm_.bytes / 2;
    may_alias = gemm_.may_alias;
    alias = gemm_.alias;
  }

  void run(const Context& context, int phase, std::int64_t begin, std::int64_t end,
           char* scratch_bytes) const override {
    const std::size_t last = operands_.size() - 1;
    const auto copy = [&](std::size_t i) {
      return reinterpret_cast<float*>(context.workspace + places_[i]);
    };
    if (phase == 0) {
      for (std::int64_t unit = begin; unit < end; ++unit) {
        const auto i = static_cast<std::size_t>(unit);
        const auto* from = reinterpret_cast<const Half*>(context.operands[i]);
        widen_all(operands_[i], from, copy(i));
      }
    } else if (phase == 1) {
      const Gemm<float>::Operands o{copy(shape_.exchanged ? 1 : 0), copy(shape_.exchanged ? 0 : 1),
                                    shape_.has_bias ? copy(2) : nullptr,
                                    shape_.has_addend ? copy(last - 1) : nullptr, copy(last)};
      gemm_.multiply(o, begin, end, reinterpret_cast<float*>(scratch_bytes));
    } else {
      auto* to = reinterpret_cast<Half*>(context.operands[last]);
      narrow_all(operands_[last], copy(last), to);
    }
  }

 private:
  std::vector<Operand> operands_;
  GemmShape shape_;
  Gemm<float> gemm_;
  std::vector<std::size_t> places_;
};

}  // namespace

std::unique_ptr<Kernel> make_gemm_half(const Description& description) {
  gemm_shape(description);  // verifies the operands as they are
  if (description.inputs[0].dtype == Dtype::float16) {
    return std::make_unique<GemmHalf<Float16>>(description);
  }
  return std::make_unique<GemmHalf<Bfloat16>>(description);
}

}  // namespace cornu
