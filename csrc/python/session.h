// A plan with its memory, its constants and its callbacks: what a Python `Plan` holds.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <vector>

#include "core/plan.h"
#include "core/runner.h"
#include "python/views.h"

namespace cornu {

// One plan that can be run. Every method is called with the GIL held. Those that run the plan give
// it away meanwhile, and one execution waits for another.
class Session final : public Host {
 public:
  Session(PyObject* words, PyObject* constants, PyObject* callbacks);

  void run(PyObject* externals, bool late);

  // The inputs of the instruction that failed last, as a tuple of bytes.
  Ref operands(PyObject* path);

  const Plan& plan() const { return *plan_; }
  PyObject* callbacks() const { return callbacks_.get(); }
  void forget_callbacks() { callbacks_ = Ref(); }

  void call(std::int64_t number, const Description& description, char* const* operands) override;

 private:
  class Turn;

  std::vector<View> views_of(PyObject* externals) const;
  void place(const std::vector<View>& views);
  void keep_failure();

  std::vector<View> constants_;
  Ref callbacks_;
  std::shared_ptr<const Plan> plan_;
  std::unique_ptr<Runner> runner_;
  Memory frame_;

  std::mutex mutex_;
  std::atomic<unsigned long> owner_{0};  // the thread whose turn it is
  PyThreadState* thread_ = nullptr;      // its state, while it has given away the GIL
  Ref failed_path_;
  Ref failed_inputs_;
};

// The exception `PlanFailure`; set once when the module is made.
extern PyObject* plan_failure;

}  // namespace cornu
