#include "core/runner.h"

#include <algorithm>
#include <utility>

#include "core/plan.h"
#include "core/pool.h"

namespace cornu {
namespace {

constexpr auto between_checks = std::chrono::milliseconds(50);

// Units for the pool: a ticket is a range of them.
struct Region {
  Runner::Units units_of;
  const void* work;
  std::int64_t units;
  std::int64_t tickets;
  char* scratch;
  std::size_t stride;
};

void do_ticket(const void* region, int ticket, int thread) {
  const Region& r = *static_cast<const Region*>(region);
  const std::int64_t whole = r.units / r.tickets;
  const std::int64_t rest = r.units % r.tickets;
  const std::int64_t begin = whole * ticket + std::min<std::int64_t>(rest, ticket);
  const std::int64_t end = begin + whole + (ticket < rest ? 1 : 0);
  r.units_of(r.work, begin, end, r.scratch + static_cast<std::size_t>(thread) * r.stride);
}

struct PhaseOfKernel {
  const Kernel* kernel;
  const Context* context;
  int phase;
};

void do_units(const void* work, std::int64_t begin, std::int64_t end, char* scratch) {
  const PhaseOfKernel& p = *static_cast<const PhaseOfKernel*>(work);
  p.kernel->run(*p.context, p.phase, begin, end, scratch);
}

}  // namespace

Runner::Runner(std::size_t scratch, bool wide, Host* host)
    : stride_(aligned(scratch) + alignment),
      memory_(zeroed(stride_)),
      scratch_(memory_.get()),
      wide_(wide),
      host_(host) {}

Runner::Runner(char* scratch) : stride_(0), scratch_(scratch), wide_(false), host_(nullptr) {}

void Runner::begin() {
  if (!wide_) return;
  const int threads = Pool::get().threads();
  if (threads == threads_) return;
  memory_ = zeroed(stride_ * static_cast<std::size_t>(threads));
  scratch_ = memory_.get();
  threads_ = threads;
}

void Runner::run(const Instruction& instruction, const Context& context) {
  if (instruction.caller != nullptr) {
    instruction.caller->run_by_caller(context, *this);
    return;
  }
  const Kernel& kernel = *instruction.kernel;
  const int phases = static_cast<int>(kernel.phases.size());
  for (int phase = 0; phase < phases; ++phase) {
    const std::int64_t units = kernel.phases[static_cast<std::size_t>(phase)].units;
    if (units <= 0) continue;
    if (instruction.tickets > 1 && units > 1) {
      const PhaseOfKernel work{&kernel, &context, phase};
      run_units(units, instruction.tickets, do_units, &work);
    } else {
      kernel.run(context, phase, 0, units, scratch_);
    }
  }
}

void Runner::run_units(std::int64_t units, int tickets, Units units_of, const void* work) {
  const int count = static_cast<int>(std::min<std::int64_t>(units, tickets));
  if (count > 1 && threads_ > 1) {
    const Region region{units_of, work, units, count, scratch_, stride_};
    if (Pool::get().run(count, threads_, do_ticket, &region)) return;
  }
  units_of(work, 0, units, scratch_);
}

void Runner::breathe() {
  const Clock::time_point now = Clock::now();
  if (now - asked_ < between_checks) return;
  asked_ = now;
  host_->check();
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
