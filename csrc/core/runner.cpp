#include "core/runner.h"

#include <utility>

#include "core/plan.h"

namespace cornu {

void Runner::run(const Instruction& instruction, const Context& context) {
  if (instruction.caller != nullptr) {
    instruction.caller->run_by_caller(context, *this);
    return;
  }
  const Kernel& kernel = *instruction.kernel;
  const int phases = static_cast<int>(kernel.phases.size());
  for (int phase = 0; phase < phases; ++phase) {
    const std::int64_t units = kernel.phases[static_cast<std::size_t>(phase)].units;
    if (units > 0) kernel.run(context, phase, 0, units, scratch_.get());
  }
}

Failure Runner::take_failure() { return std::exchange(failure_, Failure()); }

void Runner::failed_at(const Instruction& instruction, char* const* operands,
                       std::size_t number) {
  if (failure_.description == nullptr) {
    const Description& description = instruction.description;
    failure_.description = &description;
    failure_.operands.assign(operands,
                             operands + description.inputs.size() + description.outputs.size());
  }
  failure_.path.insert(failure_.path.begin(), static_cast<std::int64_t>(number));
}

void Runner::failed_in(std::size_t nested) {
  failure_.path.insert(failure_.path.begin(), static_cast<std::int64_t>(nested));
}

}  // namespace cornu
