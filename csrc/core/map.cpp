// The instruction `map`: a body run over a number of steps that don't need one another.
//
// Inputs: constants, xs; outputs: ys. xs and ys have the steps on their first axis. Attributes:
// [constants, xs, ys, length]. A thread runs all of a step by itself, in a frame of its own, so
// that what a step computes on the way stays in that thread's cache.

#include "core/control.h"

namespace cornu {
namespace {

class Map final : public SteppingKernel {
 public:
  explicit Map(const Description& description) {
    const std::vector<std::int64_t>& a = description.attributes;
    require(a.size() == 4, "map has four attributes");
    require(description.nested.size() == 1, "map has one nested plan");
    require_contiguous(description);
    constants_ = count_of(a[0]);
    const std::size_t xs = count_of(a[1]), ys = count_of(a[2]);
    const std::int64_t length = a[3];
    const std::vector<Operand>& inputs = description.inputs;
    require(length >= 0, "the number of steps is negative");
    require(constants_ <= inputs.size() && xs == inputs.size() - constants_,
            "map has another number of inputs than its attributes say");
    require(ys == description.outputs.size(),
            "map has another number of outputs than its attributes say");
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      in_.push_back(i < constants_ ? slot_of(inputs[i]) : step_of(inputs[i], length));
    }
    for (const Operand& output : description.outputs) out_.push_back(step_of(output, length));
    body_ = std::make_unique<Body>(description, 0, in_, out_, &frame_);
    require(!body_->plan().needs_host(), "a step of map can't turn to who started it");
    scratch = frame_ + body_->plan().scratch_bytes();
    phases[0].units = length;
    flops = static_cast<double>(length) * body_->flops();
    bytes = static_cast<double>(length) * body_->bytes();
  }

  void run(const Context& context, int, std::int64_t begin, std::int64_t end,
           char* scratch_data) const override {
    Runner runner(scratch_data + frame_);
    prepare(context, scratch_data);
    for (std::int64_t step = begin; step < end; ++step) {
      place(context, scratch_data, step);
      body_->run(scratch_data, runner);
    }
  }

  std::vector<double> profile(const Context& context) const override {
    const Memory memory = zeroed(scratch);
    Runner runner(memory.get() + frame_);
    prepare(context, memory.get());
    std::vector<double> seconds(body().instructions().size());
    for (std::int64_t step = 0; step < phases[0].units; ++step) {
      place(context, memory.get(), step);
      const std::vector<double> found = body_->profile(memory.get(), runner);
      for (std::size_t i = 0; i < seconds.size(); ++i) seconds[i] += found[i];
    }
    return seconds;
  }

  const Plan& body() const override { return body_->plan(); }

 private:
  void prepare(const Context& context, char* frame) const {
    body_->prepare(frame);
    for (std::size_t i = 0; i < constants_; ++i) body_->place(frame, i, context.operands[i]);
  }

  // Tells the body where a step's operands are.
  void place(const Context& context, char* frame, std::int64_t step) const {
    const std::size_t at = static_cast<std::size_t>(step);
    for (std::size_t i = constants_; i < in_.size(); ++i) {
      body_->place(frame, i, context.operands[i] + at * in_[i].bytes());
    }
    for (std::size_t i = 0; i < out_.size(); ++i) {
      const std::size_t number = in_.size() + i;
      body_->place(frame, number, context.operands[number] + at * out_[i].bytes());
    }
  }

  std::size_t constants_;
  std::vector<Slot> in_, out_;  // of the body
  std::size_t frame_ = 0;
  std::unique_ptr<Body> body_;
};

}  // namespace

std::unique_ptr<Kernel> make_map(const Description& description) {
  return std::make_unique<Map>(description);
}

}  // namespace cornu
