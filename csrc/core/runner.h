// What runs instructions: threads, their scratch memory, the world outside, and where it failed.
#pragma once

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
};

// A kernel that the thread which started the execution runs alone, and that may use the runner:
// control flow and calls of the host.
class CallerKernel : public Kernel {
 public:
  virtual void run_by_caller(const Context& context, Runner& runner) const = 0;

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
  // `scratch`: bytes of one thread.
  Runner(std::size_t scratch, Host* host) : scratch_(zeroed(scratch)), host_(host) {}

  void run(const Instruction& instruction, const Context& context);

  Host* host() { return host_; }
  // Where the last exception came from; forgotten with that.
  Failure take_failure();

  // Called where an exception passes on its way out, innermost first.
  void failed_at(const Instruction& instruction, char* const* operands, std::size_t number);
  void failed_in(std::size_t nested);

 private:
  Memory scratch_;
  Host* host_;
  Failure failure_;
};

}  // namespace cornu
