#include "core/control.h"

#include <cstring>

namespace cornu {

Slot slot_of(const Operand& operand) { return {operand.dtype, operand.size()}; }

Slot step_of(const Operand& operand, std::int64_t length) {
  require(operand.rank > 0 && operand.shape[0] == length, "a value has another number of steps");
  std::int64_t count = 1;
  for (int i = 1; i < operand.rank; ++i) count *= operand.shape[i];
  return {operand.dtype, count};
}

Body::Body(const Description& description, std::size_t number, const std::vector<Slot>& inputs,
           const std::vector<Slot>& outputs, std::size_t* workspace)
    : number_(number) {
  require(number < description.nested.size(), "a nested plan is missing");
  plan_ = description.nested[number];
  for (const Buffer& buffer : plan_->buffers()) {
    if (buffer.kind != Kind::external) continue;
    const std::size_t place = static_cast<std::size_t>(buffer.place);
    require(place < inputs.size() + outputs.size(), "a nested plan has too many externals");
    const bool is_input = place < inputs.size();
    const Slot& slot = is_input ? inputs[place] : outputs[place - inputs.size()];
    require(buffer.dtype == slot.dtype && buffer.count == slot.count,
            "an external of a nested plan has another dtype or size than what it stands for");
    require(!is_input || !buffer.writable, "a nested plan may not write its inputs");
  }
  offset_ = take_room(plan_->frame_bytes(), workspace);
}

void Body::run(char* workspace, Runner& runner) const {
  try {
    plan_->run(workspace + offset_, runner, true);
  } catch (...) {
    runner.failed_in(number_);
    throw;
  }
}

std::vector<double> Body::profile(char* workspace, Runner& runner) const {
  std::vector<double> seconds;
  for (const Timed& timed : plan_->profile(workspace + offset_, runner)) {
    seconds.push_back(timed.seconds);
  }
  return seconds;
}

std::size_t take_room(std::size_t bytes, std::size_t* workspace) {
  constexpr std::size_t most = std::size_t{1} << 62;
  require(bytes < most && *workspace < most, "control flow needs too much memory");
  const std::size_t at = *workspace;
  *workspace += aligned(bytes);
  return at;
}

std::size_t count_of(std::int64_t attribute) {
  require(attribute >= 0, "an attribute that counts is negative");
  return static_cast<std::size_t>(attribute);
}

void require_contiguous(const Description& description) {
  for (const std::vector<Operand>* operands : {&description.inputs, &description.outputs}) {
    for (const Operand& operand : *operands) {
      require(operand.contiguous(), "operands of control flow must be contiguous");
    }
  }
}

void copy_slot(char* to, const char* from, const Slot& slot) {
  if (slot.count > 0) std::memcpy(to, from, slot.bytes());
}

}  // namespace cornu
