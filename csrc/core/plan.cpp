#include "core/plan.h"

#include <algorithm>
#include <chrono>

#include "core/control.h"
#include "core/gate.h"
#include "core/memory.h"
#include "core/opcodes.h"
#include "core/runner.h"

namespace cornu {
namespace {

// What a kernel may ask for: so little that sums over a plan fit in 64 bits.
constexpr std::size_t max_bytes = std::size_t{1} << 50;

std::size_t size(std::int64_t n) { return static_cast<std::size_t>(n); }

}  // namespace

std::shared_ptr<const Plan> Plan::build(const std::int64_t* words, std::size_t count,
                                        const std::vector<Span>& constants) {
  return build(decode(words, count), constants);
}

std::shared_ptr<const Plan> Plan::build(Decoded decoded, const std::vector<Span>& constants) {
  verify(decoded, constants);
  std::vector<std::shared_ptr<const Plan>> nested;
  for (Decoded& part : decoded.nested) nested.push_back(build(std::move(part), constants));
  std::shared_ptr<Plan> plan(new Plan);
  plan->buffers_ = std::move(decoded.buffers);
  plan->arena_bytes_ = size(decoded.arena_bytes);
  for (std::size_t i = 0; i < decoded.instructions.size(); ++i) plan->add(decoded, i, nested);
  plan->list_externals();
  plan->link(constants);
  plan->wide_ = is_wide(estimated_seconds(plan->flops_, plan->bytes_));
  plan->arena_offset_ = aligned(plan->slots_ * sizeof(char*));
  plan->workspace_offset_ = plan->arena_offset_ + aligned(plan->arena_bytes_);
  return plan;
}

void Plan::add(Decoded& decoded, std::size_t number,
               const std::vector<std::shared_ptr<const Plan>>& nested) {
  DecodedInstruction& given = decoded.instructions[number];
  const Opcode* opcode = find_opcode(given.opcode);
  try {
    require(opcode != nullptr, "the opcode is unknown");
    for (std::int64_t n : given.nested) {
      require(n >= 0 && size(n) < nested.size(), "a nested plan doesn't exist");
      given.description.nested.push_back(nested[size(n)]);
    }
    Instruction instruction;
    instruction.description = std::move(given.description);
    instruction.kernel = opcode->make(instruction.description);
    verify_aliases(instruction.description, buffers_, *instruction.kernel);
    instruction.caller = dynamic_cast<const CallerKernel*>(instruction.kernel.get());
    needs_host_ = needs_host_ || (instruction.caller != nullptr && instruction.caller->needs_host);
    instruction.name = opcode->name;
    instruction.late = given.late;
    const Kernel& kernel = *instruction.kernel;
    require(kernel.workspace <= max_bytes && kernel.scratch <= max_bytes,
            "the kernel needs too much memory");
    instruction.tickets = tickets_for(estimated_seconds(kernel.flops, kernel.bytes));
    workspace_ = std::max(workspace_, aligned(kernel.workspace));
    scratch_ = std::max(scratch_, aligned(kernel.scratch));
    for (const auto& body : instruction.description.nested) {
      scratch_ = std::max(scratch_, body->scratch_);
      needs_host_ = needs_host_ || body->needs_host_;
    }
    flops_ += kernel.flops;
    bytes_ += kernel.bytes;
    instructions_.push_back(std::move(instruction));
  } catch (const std::logic_error& error) {  // PlanError, or std::length_error of a container
    const char* name = opcode == nullptr ? "?" : opcode->name;
    throw PlanError("Instruction " + std::to_string(number) + " (" + name + "): " + error.what());
  }
}

void Plan::list_externals() {
  for (const Buffer& buffer : buffers_) {
    if (buffer.kind != Kind::external) continue;
    const std::size_t number = size(buffer.place);
    if (number >= externals_.size()) externals_.resize(number + 1);
    External& external = externals_[number];
    if (external.bytes == 0) external.dtype = buffer.dtype;
    external.bytes = std::max(external.bytes, buffer.bytes());
    external.alignment = std::max(external.alignment, size_of(buffer.dtype));
    external.writable = external.writable || buffer.writable;
  }
  external_links_.resize(externals_.size());
}

void Plan::link(const std::vector<Span>& constants) {
  for (Instruction& instruction : instructions_) {
    instruction.slot = slots_;
    const Description& description = instruction.description;
    for (const std::vector<Operand>* operands : {&description.inputs, &description.outputs}) {
      for (const Operand& operand : *operands) {
        const Buffer& buffer = buffers_[size(operand.buffer)];
        const std::size_t offset = size(operand.offset) * size_of(operand.dtype);
        const std::size_t slot = slots_++;
        if (buffer.kind == Kind::external) {
          external_links_[size(buffer.place)].push_back({slot, offset});
        } else if (buffer.kind == Kind::constant) {
          // Nobody writes it: outputs never lie in constants.
          const char* data = constants[size(buffer.place)].data;
          if (buffer.count == 0) data = "";
          constant_links_.push_back({slot, const_cast<char*>(data) + offset});
        } else {
          arena_links_.push_back({slot, size(buffer.place) + offset});
        }
      }
    }
  }
}

void Plan::prepare(char* frame) const {
  char** table = reinterpret_cast<char**>(frame);
  for (const Link& link : arena_links_) table[link.slot] = frame + arena_offset_ + link.bytes;
  for (const FixedLink& link : constant_links_) table[link.slot] = link.address;
  // Nobody may have memory for what is empty, but kernels get no null.
  for (std::size_t i = 0; i < externals_.size(); ++i) {
    if (externals_[i].bytes == 0) place(frame, i, frame);
  }
}

void Plan::place(char* frame, std::size_t external, char* address) const {
  char** table = reinterpret_cast<char**>(frame);
  for (const Link& link : external_links_[external]) table[link.slot] = address + link.bytes;
}

char* const* Plan::operands(const char* frame, std::size_t instruction) const {
  return reinterpret_cast<char* const*>(frame) + instructions_[instruction].slot;
}

// Calls `each(instruction, context)` in order, and tells the runner where that threw.
template <typename Each>
void Plan::for_each(char* frame, Runner& runner, Each each) const {
  char* const* table = reinterpret_cast<char* const*>(frame);
  char* workspace = frame + workspace_offset_;
  std::size_t i = 0;
  try {
    for (; i < instructions_.size(); ++i) {
      const Instruction& instruction = instructions_[i];
      each(instruction, Context{table + instruction.slot, workspace});
    }
  } catch (...) {
    runner.failed_at(instructions_[i], table + instructions_[i].slot, i);
    throw;
  }
}

void Plan::run(char* frame, Runner& runner, bool late) const {
  for_each(frame, runner, [&](const Instruction& instruction, const Context& context) {
    if (late || !instruction.late) runner.run(instruction, context);
  });
}

std::vector<Timed> Plan::profile(char* frame, Runner& runner) const {
  using Clock = std::chrono::steady_clock;
  std::vector<Timed> found;
  found.reserve(instructions_.size());
  for_each(frame, runner, [&](const Instruction& instruction, const Context& context) {
    Timed timed;
    const Clock::time_point before = Clock::now();
    runner.run(instruction, context);
    timed.seconds = std::chrono::duration<double>(Clock::now() - before).count();
    const auto* stepping = dynamic_cast<const SteppingKernel*>(instruction.kernel.get());
    if (stepping != nullptr) {
      timed.nested = stepping->profile(context);
      timed.body = &stepping->body();
    }
    found.push_back(std::move(timed));
  });
  return found;
}

}  // namespace cornu
