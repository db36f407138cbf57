// What runs instructions: threads, their scratch memory, the world outside, and where it failed.
#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

#include "core/kernel.h"
#include "core/memory.h"

namespace cornu {

class Runner;
struct Instruction;

// Whoever started the execution, to whom some instructions turn. Python, in practice.
class Host {
 public:
  virtual ~Host() = default;

  // Calls function `number` on an instruction's operands. On the thread that started the execution.
  virtual void call(std::int64_t number, const Description& description,
                    char* const* operands) = 0;

  // Throws if the execution shall end: a loop without a bound asks from time to time.
  virtual void check() = 0;
};

// A kernel that the thread which started the execution runs alone, and that may use the runner:
// control flow and calls of the host.
class CallerKernel : public Kernel {
 public:
  virtual void run_by_caller(const Context& context, Runner& runner) const = 0;

  bool needs_host = false;  // so that only a plan which a host started can have it

  void run(const Context&, int, std::int64_t, std::int64_t, char*) const final {
    throw PlanError("this instruction runs by its caller alone");
  }
};

// Where an execution stopped: instruction, then for control flow the number of the nested plan and
// the instruction there, and so on.
struct Failure {
  std::vector<std::int64_t> path;
  const Description* description = nullptr;
  std::vector<char*> operands;
};

class Runner {
 public:
  // `scratch`: bytes of one thread; `wide`: whether threads may help.
  Runner(std::size_t scratch, bool wide, Host* host);

  // Of a thread that runs a nested plan by itself, in scratch memory that it has.
  explicit Runner(char* scratch);

  // To be called before an execution: the number of threads may have changed.
  void begin();

  void run(const Instruction& instruction, const Context& context);

  // The same for any work cut into units.
  using Units = void (*)(const void* work, std::int64_t begin, std::int64_t end, char* scratch);
  void run_units(std::int64_t units, int tickets, Units units_of, const void* work);

  Host* host() { return host_; }

  // Asks the host about twenty times a second whether to go on.
  void breathe();

  // Where the last exception came from; forgotten with that.
  Failure take_failure();

  // Called where an exception passes on its way out, innermost first.
  void failed_at(const Instruction& instruction, char* const* operands, std::size_t number);
  void failed_in(std::size_t nested);

 private:
  using Clock = std::chrono::steady_clock;

  std::size_t stride_;
  Memory memory_;
  char* scratch_;
  int threads_ = 1;  // that have scratch memory
  bool wide_;
  Host* host_;
  Clock::time_point asked_ = Clock::now();
  Failure failure_;
};

}  // namespace cornu
