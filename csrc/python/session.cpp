#include "python/session.h"

#include <cstring>
#include <string>

#include "core/denormals.h"
#include "core/gather.h"
#include "python/execute.h"

namespace cornu {

PyObject* plan_failure = nullptr;

Session::Session(PyObject* words, PyObject* constants, PyObject* callbacks)
    : generation_(Pool::generation()) {
  const View view(words, false);
  if (view.bytes() % static_cast<Py_ssize_t>(sizeof(std::int64_t)) != 0) {
    throw PlanError("The words of a plan must be 64-bit integers.");
  }
  std::vector<std::int64_t> copy(static_cast<std::size_t>(view.bytes()) / sizeof(std::int64_t));
  if (!copy.empty()) std::memcpy(copy.data(), view.data(), copy.size() * sizeof(std::int64_t));

  const Items items(constants, "constants");
  std::vector<Span> spans;
  for (Py_ssize_t i = 0; i < items.size(); ++i) {
    constants_.emplace_back(items[i], false);
    spans.push_back({constants_.back().data(), constants_.back().bytes()});
  }
  callbacks_ = checked(PySequence_Tuple(callbacks));
  plan_ = Plan::build(copy.data(), copy.size(), spans);
  runner_ = std::make_unique<Runner>(plan_->scratch_bytes(), plan_->wide(), this);
  frame_ = zeroed(plan_->frame_bytes());
  plan_->prepare(frame_.get());
}

std::vector<View> Session::views_of(PyObject* externals, const std::vector<bool>& left_out) const {
  const Items items(externals, "externals");
  const std::vector<External>& needed = plan_->externals();
  if (static_cast<std::size_t>(items.size()) < needed.size()) {
    throw PlanError("The plan has " + std::to_string(needed.size()) + " externals, but got " +
                    std::to_string(items.size()) + ".");
  }
  std::vector<View> views(needed.size());
  for (std::size_t i = 0; i < needed.size(); ++i) {
    if (!left_out.empty() && left_out[i]) continue;
    const External& external = needed[i];
    if (external.bytes == 0) continue;  // of a number that the plan doesn't have, or empty
    View view(items[static_cast<Py_ssize_t>(i)], external.writable);
    if (view.bytes() != external.bytes) {
      throw PlanError("External " + std::to_string(i) + " must have " +
                      std::to_string(external.bytes) + " bytes, but has " +
                      std::to_string(view.bytes()) + ".");
    }
    if (reinterpret_cast<std::uintptr_t>(view.data()) % external.alignment != 0) {
      throw PlanError("External " + std::to_string(i) + " isn't aligned to its elements.");
    }
    views[i] = std::move(view);
  }
  return views;
}

void Session::place(const std::vector<View>& views) {
  for (std::size_t i = 0; i < views.size(); ++i) {
    if (views[i].data() != nullptr) plan_->place(frame_.get(), i, views[i].data());
  }
}

void Session::run(PyObject* externals, bool late) {
  execute(views_of(externals, {}), nullptr, [&] { plan_->run(frame_.get(), *runner_, late); });
}

namespace {

void append(const Ref& list, PyObject* given) {
  const Ref item = checked(given);
  if (PyList_Append(list.get(), item.get()) != 0) throw PythonError();
}

}  // namespace

Ref Session::profile(PyObject* externals) {
  std::vector<Timed> found;
  execute(views_of(externals, {}), nullptr,
          [&] { found = plan_->profile(frame_.get(), *runner_); });
  Ref list = checked(PyList_New(0));
  for (std::size_t i = 0; i < found.size(); ++i) {
    const Timed& timed = found[i];
    Ref nested = checked(PyList_New(0));
    for (std::size_t j = 0; j < timed.nested.size(); ++j) {
      const Kernel& kernel = *timed.body->instructions()[j].kernel;
      append(nested, Py_BuildValue("ddd", timed.nested[j], kernel.flops, kernel.bytes));
    }
    const Kernel& kernel = *plan_->instructions()[i].kernel;
    append(list, Py_BuildValue("dddO", timed.seconds, kernel.flops, kernel.bytes, nested.get()));
  }
  return list;
}

// What failed is copied at once: later its memory may be gone.
void Session::keep_failure() {
  const Failure failure = runner_->take_failure();
  static const Description nothing;
  const Description& description =
      failure.description == nullptr ? nothing : *failure.description;
  Ref path = checked(PyTuple_New(static_cast<Py_ssize_t>(failure.path.size())));
  for (std::size_t i = 0; i < failure.path.size(); ++i) {
    PyTuple_SetItem(path.get(), static_cast<Py_ssize_t>(i), PyLong_FromLongLong(failure.path[i]));
  }
  const std::vector<Operand>& inputs = description.inputs;
  Ref kept = checked(PyTuple_New(static_cast<Py_ssize_t>(inputs.size())));
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const std::int64_t bytes =
        inputs[i].size() * static_cast<std::int64_t>(size_of(inputs[i].dtype));
    Ref copy = checked(PyBytes_FromStringAndSize(nullptr, static_cast<Py_ssize_t>(bytes)));
    gather(inputs[i], failure.operands[i], PyBytes_AsString(copy.get()));
    PyTuple_SetItem(kept.get(), static_cast<Py_ssize_t>(i), copy.release());
  }
  failed_path_ = std::move(path);
  failed_inputs_ = std::move(kept);
}

// Tells whoever catches the exception that is set where it came from.
void Session::note_failure(const std::int64_t* steps_done) {
  PyObject *type, *value, *traceback;
  PyErr_Fetch(&type, &value, &traceback);
  PyErr_NormalizeException(&type, &value, &traceback);
  if (failed_path_ &&
      PyObject_SetAttrString(value, "cornu_instruction", failed_path_.get()) != 0) {
    PyErr_Clear();
  }
  if (steps_done != nullptr) {
    const Ref steps(PyLong_FromLongLong(*steps_done));
    if (!steps || PyObject_SetAttrString(value, "cornu_steps", steps.get()) != 0) PyErr_Clear();
  }
  PyErr_Restore(type, value, traceback);
}

Ref Session::operands(PyObject* path) {
  Turn turn(*this);
  turn.take_gil();
  Ref asked;
  if (PyTuple_Check(path)) {
    Py_INCREF(path);
    asked = Ref(path);
  } else {
    asked = checked(PyTuple_Pack(1, path));
  }
  const int same =
      failed_path_ ? PyObject_RichCompareBool(asked.get(), failed_path_.get(), Py_EQ) : 0;
  if (same < 0) throw PythonError();
  if (same == 0) throw PlanError("This isn't the instruction that failed last.");
  Py_INCREF(failed_inputs_.get());
  return Ref(failed_inputs_.get());
}

}  // namespace cornu
