// A verified list of instructions. It holds no data and never changes: what an execution writes
// lies in a frame, one block of memory that whoever runs the plan provides.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/decode.h"
#include "core/kernel.h"
#include "core/verify.h"

namespace cornu {

class CallerKernel;
class Runner;

// One external of a plan: what all of its buffers need together.
struct External {
  std::int64_t bytes = 0;
  std::size_t alignment = 1;
  bool writable = false;
  Dtype dtype = Dtype::float32;  // of the first of them
};

struct Instruction {
  Description description;
  std::unique_ptr<Kernel> kernel;
  const CallerKernel* caller = nullptr;  // the kernel, if it is one of those
  const char* name = "";
  bool late = false;
  int tickets = 1;       // into how many parts its units may be cut; 1: the caller does it alone
  std::size_t slot = 0;  // of its first operand in the table of addresses
};

// What an instruction took.
struct Timed {
  double seconds = 0;
  const Plan* body = nullptr;  // the nested plan whose instructions `nested` is about
  std::vector<double> nested;  // seconds of each on one thread, over all steps
};

class Plan {
 public:
  // Throws PlanError for whatever is wrong with the words.
  static std::shared_ptr<const Plan> build(const std::int64_t* words, std::size_t count,
                                           const std::vector<Span>& constants);

  // Memory of one execution: the table of addresses, the arena and the kernels' workspace.
  std::size_t frame_bytes() const { return workspace_offset_ + workspace_; }
  std::size_t arena_bytes() const { return arena_bytes_; }
  std::size_t workspace_bytes() const { return workspace_; }
  std::size_t scratch_bytes() const { return scratch_; }  // of one thread, nested plans included

  // Fills the table of addresses but for those externals that aren't empty.
  void prepare(char* frame) const;

  // Tells a prepared frame where an external is.
  void place(char* frame, std::size_t external, char* address) const;

  // Executes; throws what kernels throw, and `runner` knows then where.
  void run(char* frame, Runner& runner, bool late) const;

  // The same, and the time that each instruction took.
  std::vector<Timed> profile(char* frame, Runner& runner) const;

  // Where the frame's table has an instruction's operands.
  char* const* operands(const char* frame, std::size_t instruction) const;

  const std::vector<Instruction>& instructions() const { return instructions_; }
  const std::vector<Buffer>& buffers() const { return buffers_; }
  const std::vector<External>& externals() const { return externals_; }
  double flops() const { return flops_; }
  double bytes() const { return bytes_; }

  // Whether there is enough work for more threads than the caller's.
  bool wide() const { return wide_; }

  // Whether an instruction turns to whoever started the execution.
  bool needs_host() const { return needs_host_; }

 private:
  Plan() = default;
  static std::shared_ptr<const Plan> build(Decoded decoded, const std::vector<Span>& constants);
  void add(Decoded& decoded, std::size_t number,
           const std::vector<std::shared_ptr<const Plan>>& nested);
  void list_externals();
  void link(const std::vector<Span>& constants);
  template <typename Each>
  void for_each(char* frame, Runner& runner, Each each) const;

  // An operand's address: of its buffer's memory plus bytes.
  struct Link {
    std::size_t slot = 0;
    std::size_t bytes = 0;
  };
  struct FixedLink {
    std::size_t slot = 0;
    char* address = nullptr;
  };

  std::vector<Buffer> buffers_;
  std::vector<Instruction> instructions_;
  std::vector<External> externals_;
  std::vector<Link> arena_links_;
  std::vector<FixedLink> constant_links_;
  std::vector<std::vector<Link>> external_links_;  // for each external
  std::size_t slots_ = 0;
  std::size_t arena_offset_ = 0;
  std::size_t arena_bytes_ = 0;
  std::size_t workspace_offset_ = 0;
  std::size_t workspace_ = 0;
  std::size_t scratch_ = 0;
  double flops_ = 0;
  double bytes_ = 0;
  bool wide_ = false;
  bool needs_host_ = false;
};

}  // namespace cornu
