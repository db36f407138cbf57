// One execution of a session's plan, and what becomes of its exceptions.
#pragma once

#include <exception>

#include "core/denormals.h"
#include "python/turn.h"

namespace cornu {

// Calls `body` when it is this thread's turn, without the GIL. `steps_done`, if given, is told to
// those who catch an exception.
template <typename Body>
void Session::execute(const std::vector<View>& views, const std::int64_t* steps_done, Body body) {
  Turn turn(*this);
  try {
    place(views);
    const Flush flush;
    runner_->begin();
    body();
    return;
  } catch (const DataError& error) {
    turn.take_gil();
    keep_failure();
    const Ref message = checked(PyUnicode_FromString(error.what()));
    const Ref args = checked(PyTuple_Pack(2, failed_path_.get(), message.get()));
    PyErr_SetObject(plan_failure, args.get());
  } catch (const PythonError&) {
    turn.take_gil();
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    try {
      keep_failure();
    } catch (const PythonError&) {
      PyErr_Clear();
    } catch (const std::exception&) {  // the callback's exception is the one to tell of
    }
    PyErr_Restore(type, value, traceback);
  } catch (const PlanError& error) {  // rows of a batch that can't be fetched
    turn.take_gil();
    failed_path_ = Ref();
    PyErr_SetString(PyExc_ValueError, error.what());
  } catch (...) {
    runner_->take_failure();
    throw;
  }
  note_failure(steps_done);
  throw PythonError();
}

}  // namespace cornu
