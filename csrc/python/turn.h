// The right to run a session's plan.
#pragma once

#include <new>

#include "core/pool.h"
#include "python/gil.h"
#include "python/session.h"

namespace cornu {

// The GIL is given away before waiting for a turn, so that whoever has it can get on.
class Session::Turn {
 public:
  explicit Turn(Session& session) : session_(session) {
    const unsigned long self = PyThread_get_thread_ident();
    if (session_.owner_.load(std::memory_order_relaxed) == self) {
      PyErr_SetString(PyExc_RuntimeError, "A callback of a plan can't run the plan itself.");
      throw PythonError();
    }
    if (session_.generation_ != Pool::generation()) forget_owner();
    PyThreadState* thread = PyEval_SaveThread();
    session_.mutex_.lock();
    session_.thread_ = thread;
    session_.owner_.store(self, std::memory_order_relaxed);
  }

  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

  ~Turn() {
    PyThreadState* thread = session_.thread_;
    session_.owner_.store(0, std::memory_order_relaxed);
    session_.mutex_.unlock();
    if (!has_gil_) cornu::take_gil(thread);
  }

  // Takes the GIL back; the turn goes on.
  void take_gil() {
    if (!has_gil_) cornu::take_gil(session_.thread_);
    has_gil_ = true;
  }

 private:
  // In the child of a fork a thread that had its turn is gone, and never ends it.
  void forget_owner() {
    new (&session_.mutex_) std::mutex;
    session_.owner_.store(0, std::memory_order_relaxed);
    session_.generation_ = Pool::generation();
  }

  Session& session_;
  bool has_gil_ = false;
};

}  // namespace cornu
