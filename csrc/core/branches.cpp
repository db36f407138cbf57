// The instructions `cond` and `while`: bodies that run, or not, as data say.

#include <algorithm>

#include "core/control.h"

namespace cornu {
namespace {

std::vector<Slot> slots_of(const std::vector<Operand>& operands, std::size_t from) {
  std::vector<Slot> slots;
  for (std::size_t i = from; i < operands.size(); ++i) slots.push_back(slot_of(operands[i]));
  return slots;
}

// One of two bodies. Inputs: the predicate, one boolean, then the operands of both; attributes:
// [operands, outputs]; nested: if true, if false.
class Cond final : public CallerKernel {
 public:
  explicit Cond(const Description& description) {
    const std::vector<Operand>& inputs = description.inputs;
    require(description.attributes.size() == 2, "cond has two attributes");
    require(description.nested.size() == 2, "cond has two nested plans");
    require_contiguous(description);
    require(!inputs.empty() && inputs[0].dtype == Dtype::boolean && inputs[0].size() == 1,
            "the predicate must be one boolean");
    require(count_of(description.attributes[0]) == inputs.size() - 1 &&
                count_of(description.attributes[1]) == description.outputs.size(),
            "cond has other numbers of operands than its attributes say");
    operands_ = inputs.size() - 1;
    outputs_ = description.outputs.size();
    std::size_t room = 0;
    for (std::size_t number = 0; number < 2; ++number) {
      room = 0;  // only one of them runs
      bodies_.push_back(std::make_unique<Body>(description, number, slots_of(inputs, 1),
                                               slots_of(description.outputs, 0), &room));
      workspace = std::max(workspace, room);
    }
    flops = std::max(bodies_[0]->flops(), bodies_[1]->flops());
    bytes = std::max(bodies_[0]->bytes(), bodies_[1]->bytes());
  }

  void run_by_caller(const Context& context, Runner& runner) const override {
    const Body& body = *bodies_[*context.operands[0] != 0 ? 0 : 1];
    body.prepare(context.workspace);
    for (std::size_t i = 0; i < operands_ + outputs_; ++i) {
      body.place(context.workspace, i, context.operands[1 + i]);
    }
    body.run(context.workspace, runner);
  }

 private:
  std::size_t operands_, outputs_;
  std::vector<std::unique_ptr<Body>> bodies_;
};

// A body as long as a condition holds. Inputs: carries, then constants; attributes: [carries,
// constants, the most steps or -1]; nested: condition (its output is one boolean), body.
class While final : public CallerKernel {
 public:
  explicit While(const Description& description) {
    const std::vector<std::int64_t>& a = description.attributes;
    needs_host = true;
    require(a.size() == 3, "while has three attributes");
    require(description.nested.size() == 2, "while has two nested plans");
    require_contiguous(description);
    const std::vector<Slot> inputs = slots_of(description.inputs, 0);
    carries_ = slots_of(description.outputs, 0);
    constants_ = count_of(a[1]);
    maximum_ = a[2];
    require(count_of(a[0]) == carries_.size() && carries_.size() <= inputs.size() &&
                constants_ == inputs.size() - carries_.size(),
            "while has other numbers of operands than its attributes say");
    require(maximum_ >= -1, "the most steps are negative");
    for (std::size_t c = 0; c < carries_.size(); ++c) {
      require(carries_[c].dtype == inputs[c].dtype && carries_[c].count == inputs[c].count,
              "a final carry differs from the carry");
      rooms_.push_back(take_room(carries_[c].bytes(), &workspace));
    }
    const Slot answer{Dtype::boolean, 1};
    answer_ = take_room(answer.bytes(), &workspace);
    condition_ = std::make_unique<Body>(description, 0, inputs, std::vector<Slot>{answer},
                                        &workspace);
    body_ = std::make_unique<Body>(description, 1, inputs, carries_, &workspace);
    constexpr double steps = 16;  // a guess, for the gate of threads
    flops = steps * (condition_->flops() + body_->flops());
    bytes = steps * (condition_->bytes() + body_->bytes());
  }

  void run_by_caller(const Context& context, Runner& runner) const override {
    char* const* inputs = context.operands;
    char* const* outputs = context.operands + carries_.size() + constants_;
    char* workspace_data = context.workspace;
    condition_->prepare(workspace_data);
    body_->prepare(workspace_data);
    const std::size_t n_inputs = carries_.size() + constants_;
    for (std::size_t i = 0; i < n_inputs; ++i) {
      condition_->place(workspace_data, i, inputs[i]);
      body_->place(workspace_data, i, inputs[i]);
    }
    condition_->place(workspace_data, n_inputs, workspace_data + answer_);
    std::int64_t step = 0;
    for (; maximum_ < 0 || step < maximum_; ++step) {
      workspace_data[answer_] = 0;
      condition_->run(workspace_data, runner);
      if (workspace_data[answer_] == 0) break;
      runner.breathe();
      for (std::size_t c = 0; c < carries_.size(); ++c) {
        body_->place(workspace_data, n_inputs + c, carry_after(context, c, step));
      }
      body_->run(workspace_data, runner);
      for (std::size_t c = 0; c < carries_.size(); ++c) {
        condition_->place(workspace_data, c, carry_after(context, c, step));
        body_->place(workspace_data, c, carry_after(context, c, step));
      }
    }
    for (std::size_t c = 0; c < carries_.size(); ++c) {
      const char* last = step == 0 ? inputs[c] : carry_after(context, c, step - 1);
      if (last != outputs[c]) copy_slot(outputs[c], last, carries_[c]);
    }
  }

 private:
  // In turn in the output and in the workspace.
  char* carry_after(const Context& context, std::size_t c, std::int64_t step) const {
    return step % 2 == 0 ? context.operands[carries_.size() + constants_ + c]
                         : context.workspace + rooms_[c];
  }

  std::vector<Slot> carries_;
  std::size_t constants_;
  std::int64_t maximum_;
  std::vector<std::size_t> rooms_;  // of carries in the workspace
  std::size_t answer_;
  std::unique_ptr<Body> condition_, body_;
};

}  // namespace

std::unique_ptr<Kernel> make_cond(const Description& description) {
  return std::make_unique<Cond>(description);
}

std::unique_ptr<Kernel> make_while(const Description& description) {
  return std::make_unique<While>(description);
}

}  // namespace cornu
