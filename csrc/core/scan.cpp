// The instruction `scan`: a body run over a known number of steps.
//
// Inputs: carries, constants, xs; outputs: final carries, ys, and the carries before each step if
// they are to be stacked. xs, ys and the stacked carries have time on their first axis.
// Attributes: [carries, constants, xs, ys, length, reverse, stacked].

#include "core/control.h"

namespace cornu {
namespace {

class Scan final : public CallerKernel {
 public:
  explicit Scan(const Description& description) {
    const std::vector<std::int64_t>& a = description.attributes;
    require(a.size() == 7, "scan has seven attributes");
    require(description.nested.size() == 1, "scan has one nested plan");
    require_contiguous(description);
    carries_ = count_of(a[0]);
    constants_ = count_of(a[1]);
    xs_ = count_of(a[2]);
    ys_ = count_of(a[3]);
    length_ = a[4];
    reverse_ = a[5] != 0;
    stacked_ = a[6] != 0;
    const std::vector<Operand>& inputs = description.inputs;
    const std::vector<Operand>& outputs = description.outputs;
    require(length_ >= 0, "the number of steps is negative");
    require(carries_ <= inputs.size() && constants_ <= inputs.size() &&
                carries_ + constants_ + xs_ == inputs.size(),
            "scan has another number of inputs than its attributes say");
    require(carries_ <= outputs.size() && ys_ <= outputs.size() &&
                carries_ + ys_ + (stacked_ ? carries_ : 0) == outputs.size(),
            "scan has another number of outputs than its attributes say");
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      const bool is_x = i >= carries_ + constants_;
      in_.push_back(is_x ? step_of(inputs[i], length_) : slot_of(inputs[i]));
    }
    for (std::size_t i = 0; i < carries_ + ys_; ++i) {
      const bool is_y = i >= carries_;
      out_.push_back(is_y ? step_of(outputs[i], length_) : slot_of(outputs[i]));
    }
    for (std::size_t i = 0; i < carries_; ++i) {
      require(out_[i].dtype == in_[i].dtype && out_[i].count == in_[i].count,
              "a final carry differs from the carry");
      if (stacked_) {
        const Slot step = step_of(outputs[carries_ + ys_ + i], length_);
        require(step.dtype == in_[i].dtype && step.count == in_[i].count,
                "a stacked carry differs from the carry");
      } else {
        rooms_.push_back(take_room(in_[i].bytes(), &workspace));
      }
    }
    body_ = std::make_unique<Body>(description, 0, in_, out_, &workspace);
    flops = static_cast<double>(length_) * body_->flops();
    bytes = static_cast<double>(length_) * body_->bytes();
  }

  void run_by_caller(const Context& context, Runner& runner) const override {
    char* const* inputs = context.operands;
    char* const* outputs = context.operands + in_.size();
    char* const* stacks = outputs + carries_ + ys_;
    for (std::size_t c = 0; c < carries_; ++c) {
      if (length_ == 0) {
        copy_slot(outputs[c], inputs[c], in_[c]);
      } else if (stacked_) {
        copy_slot(stacks[c] + offset(in_[c], 0), inputs[c], in_[c]);
      }
    }
    if (length_ == 0) return;
    body_->prepare(context.workspace);
    for (std::size_t k = carries_; k < carries_ + constants_; ++k) {
      body_->place(context.workspace, k, inputs[k]);
    }
    for (std::int64_t step = 0; step < length_; ++step) {
      for (std::size_t c = 0; c < carries_; ++c) {
        char* before = step == 0 ? inputs[c] : carry_after(context, c, step - 1);
        body_->place(context.workspace, c, before);
        body_->place(context.workspace, in_.size() + c, carry_after(context, c, step));
      }
      for (std::size_t x = carries_ + constants_; x < in_.size(); ++x) {
        body_->place(context.workspace, x, inputs[x] + offset(in_[x], step));
      }
      for (std::size_t y = carries_; y < carries_ + ys_; ++y) {
        body_->place(context.workspace, in_.size() + y, outputs[y] + offset(out_[y], step));
      }
      body_->run(context.workspace, runner);
    }
  }

 private:
  // Where a value with time on its first axis has what belongs to a step.
  std::size_t offset(const Slot& slot, std::int64_t step) const {
    return static_cast<std::size_t>(reverse_ ? length_ - 1 - step : step) * slot.bytes();
  }

  // Where a step leaves a carry: in the next step's place of the stack, or in turn in the
  // workspace and in the output, so that the last step leaves it in the output.
  char* carry_after(const Context& context, std::size_t c, std::int64_t step) const {
    char* output = context.operands[in_.size() + c];
    if (step == length_ - 1) return output;
    if (stacked_) {
      return context.operands[in_.size() + carries_ + ys_ + c] + offset(in_[c], step + 1);
    }
    return (length_ - 1 - step) % 2 == 0 ? output : context.workspace + rooms_[c];
  }

  std::size_t carries_, constants_, xs_, ys_;
  std::int64_t length_;
  bool reverse_, stacked_;
  std::vector<Slot> in_, out_;       // of the body
  std::vector<std::size_t> rooms_;   // of carries in the workspace
  std::unique_ptr<Body> body_;
};

}  // namespace

std::unique_ptr<Kernel> make_scan(const Description& description) {
  return std::make_unique<Scan>(description);
}

}  // namespace cornu
