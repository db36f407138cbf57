// What the kernels of control flow share: a nested plan inside the instruction's workspace.
#pragma once

#include <memory>
#include <vector>

#include "core/plan.h"
#include "core/runner.h"

namespace cornu {

// Memory of one value: what a body must have as the external of its number.
struct Slot {
  Dtype dtype = Dtype::float32;
  std::int64_t count = 0;

  std::size_t bytes() const { return static_cast<std::size_t>(count) * size_of(dtype); }
};

Slot slot_of(const Operand& operand);

// One step of a value with time on its first axis.
Slot step_of(const Operand& operand, std::int64_t length);

// A nested plan of an instruction. Its externals are its inputs, then its outputs.
class Body {
 public:
  // Takes room at the workspace's end.
  Body(const Description& description, std::size_t number, const std::vector<Slot>& inputs,
       const std::vector<Slot>& outputs, std::size_t* workspace);

  // To be called once for each execution of the instruction, then before each run of the body the
  // externals that changed.
  void prepare(char* workspace) const { plan_->prepare(workspace + offset_); }
  void place(char* workspace, std::size_t external, char* address) const {
    if (external < plan_->externals().size()) {
      plan_->place(workspace + offset_, external, address);
    }
  }
  void run(char* workspace, Runner& runner) const;
  std::vector<double> profile(char* workspace, Runner& runner) const;

  const Plan& plan() const { return *plan_; }
  double flops() const { return plan_->flops(); }
  double bytes() const { return plan_->bytes(); }

 private:
  std::shared_ptr<const Plan> plan_;
  std::size_t number_;
  std::size_t offset_ = 0;
};

// A kernel whose steps are a nested plan that is worth looking into.
class SteppingKernel : public Kernel {
 public:
  // Runs all steps, on this thread, and returns the seconds that each of the nested plan's
  // instructions took in all of them. Allocates.
  virtual std::vector<double> profile(const Context& context) const = 0;
  virtual const Plan& body() const = 0;
};

// Takes room for a value at the workspace's end and returns where.
std::size_t take_room(std::size_t bytes, std::size_t* workspace);

// An attribute that counts something.
std::size_t count_of(std::int64_t attribute);

void require_contiguous(const Description& description);

// Copies a value.
void copy_slot(char* to, const char* from, const Slot& slot);

}  // namespace cornu
