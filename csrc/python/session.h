// A plan with its memory, its constants and its callbacks: what a Python `Plan` holds.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <vector>

#include "core/plan.h"
#include "core/rows.h"
#include "core/runner.h"
#include "python/views.h"

namespace cornu {

// A way to write down "rows of this array are the batch of that external".
struct Batches {
  std::vector<std::size_t> externals;
  std::vector<Rows> rows;
  std::vector<View> sources;
  View order_view;
  const std::int64_t* order = nullptr;
  std::int64_t batch = 0;
};

// One plan that can be run. Every method is called with the GIL held. Those that run the plan give
// it away meanwhile, and one execution waits for another.
class Session final : public Host {
 public:
  Session(PyObject* words, PyObject* constants, PyObject* callbacks);

  // Executes once.
  void run(PyObject* externals, bool late);

  // Executes up to `steps` times on batches from number `first` on, as long as `budget` seconds
  // aren't over, and returns how often. The externals of the batches are left out of `externals`
  // (anything may stand there). `late`: whether late instructions run, in the last step.
  std::int64_t run_many(PyObject* externals, PyObject* batches, PyObject* order,
                        std::int64_t batch, std::int64_t steps, std::int64_t first, double budget,
                        bool late);

  // Executes once; a list of (seconds, flops, bytes) of each instruction.
  Ref profile(PyObject* externals);

  // The inputs of the instruction that failed last, as a tuple of bytes.
  Ref operands(PyObject* path);

  const Plan& plan() const { return *plan_; }
  PyObject* callbacks() const { return callbacks_.get(); }
  void forget_callbacks() { callbacks_ = Ref(); }

  void call(std::int64_t number, const Description& description, char* const* operands) override;
  void check() override;

 private:
  class Turn;

  std::vector<View> views_of(PyObject* externals, const std::vector<bool>& left_out) const;
  void place(const std::vector<View>& views);
  template <typename Body>
  void execute(const std::vector<View>& views, const std::int64_t* steps_done, Body body);
  void keep_failure();
  void note_failure(const std::int64_t* steps_done);

  Batches batches_of(PyObject* batches, PyObject* order, std::int64_t batch) const;
  void stage(const Batches& batches, std::int64_t number);
  void take_steps(const Batches& batches, std::int64_t steps, std::int64_t first,
                  double budget, bool late, std::int64_t* done);

  std::vector<View> constants_;
  Ref callbacks_;
  std::shared_ptr<const Plan> plan_;
  std::unique_ptr<Runner> runner_;
  Memory frame_;
  std::vector<Memory> staging_;  // of externals that were batches once
  double step_seconds_ = 0;      // of the last step of a run

  std::mutex mutex_;
  std::atomic<unsigned long> owner_{0};  // the thread whose turn it is
  std::uint32_t generation_;             // of processes: see Pool::generation
  PyThreadState* thread_ = nullptr;      // of the owner, while it has given away the GIL
  Ref failed_path_;
  Ref failed_inputs_;
};

// The exception `PlanFailure`; set once when the module is made.
extern PyObject* plan_failure;

}  // namespace cornu
