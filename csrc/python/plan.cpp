#include "python/plan.h"

#include "python/guard.h"
#include "python/session.h"

namespace cornu {
namespace {

// clang-format off
struct PlanObject {
  PyObject_HEAD
  Session* session;
};
// clang-format on

Session& session_of(PyObject* self) { return *reinterpret_cast<PlanObject*>(self)->session; }

PyObject* plan_new(PyTypeObject* type, PyObject* args, PyObject* kwargs) {
  static const char* const names[] = {"words", "constants", "callbacks", nullptr};
  PyObject *words, *constants, *callbacks;
  if (!PyArg_ParseTupleAndKeywords(args, kwargs, "OOO:Plan", const_cast<char**>(names), &words,
                                   &constants, &callbacks)) {
    return nullptr;
  }
  return guarded<PyObject*>(nullptr, [&] {
    auto session = std::make_unique<Session>(words, constants, callbacks);
    using Allocate = PyObject* (*)(PyTypeObject*, Py_ssize_t);
    Ref self = checked(reinterpret_cast<Allocate>(PyType_GetSlot(type, Py_tp_alloc))(type, 0));
    reinterpret_cast<PlanObject*>(self.get())->session = session.release();
    return self.release();
  });
}

int plan_traverse(PyObject* self, visitproc visit, void* arg) {
  Py_VISIT(Py_TYPE(self));
  const Session* session = reinterpret_cast<PlanObject*>(self)->session;
  if (session != nullptr) Py_VISIT(session->callbacks());
  return 0;
}

int plan_clear(PyObject* self) {
  Session* session = reinterpret_cast<PlanObject*>(self)->session;
  if (session != nullptr) session->forget_callbacks();
  return 0;
}

void plan_dealloc(PyObject* self) {
  PyObject_GC_UnTrack(self);
  PyTypeObject* type = Py_TYPE(self);
  delete reinterpret_cast<PlanObject*>(self)->session;
  reinterpret_cast<freefunc>(PyType_GetSlot(type, Py_tp_free))(self);
  Py_DECREF(type);
}

PyObject* plan_run(PyObject* self, PyObject* const* args, Py_ssize_t count) {
  if (count != 2) {
    PyErr_SetString(PyExc_TypeError, "Plan.run takes externals and late.");
    return nullptr;
  }
  const int late = PyObject_IsTrue(args[1]);
  if (late < 0) return nullptr;
  return guarded<PyObject*>(nullptr, [&] {
    session_of(self).run(args[0], late != 0);
    Py_RETURN_NONE;
  });
}

PyObject* plan_run_many(PyObject* self, PyObject* args, PyObject* kwargs) {
  static const char* const names[] = {"externals", "batches", "order",  "batch", "steps",
                                      "first",     "budget",  "late",   nullptr};
  PyObject *externals, *batches, *order;
  long long batch, steps, first;
  double budget;
  int late;
  if (!PyArg_ParseTupleAndKeywords(args, kwargs, "OOOLLLdp:run_many", const_cast<char**>(names),
                                   &externals, &batches, &order, &batch, &steps, &first, &budget,
                                   &late)) {
    return nullptr;
  }
  return guarded<PyObject*>(nullptr, [&] {
    return PyLong_FromLongLong(session_of(self).run_many(externals, batches, order, batch, steps,
                                                         first, budget, late != 0));
  });
}

PyObject* plan_profile(PyObject* self, PyObject* externals) {
  return guarded<PyObject*>(nullptr, [&] { return session_of(self).profile(externals).release(); });
}

PyObject* plan_operands(PyObject* self, PyObject* path) {
  return guarded<PyObject*>(nullptr, [&] { return session_of(self).operands(path).release(); });
}

PyObject* plan_instructions(PyObject* self, void*) {
  return PyLong_FromSize_t(session_of(self).plan().instructions().size());
}

PyObject* plan_arena(PyObject* self, void*) {
  return PyLong_FromSize_t(session_of(self).plan().arena_bytes());
}

PyObject* plan_scratch(PyObject* self, void*) {
  return PyLong_FromSize_t(session_of(self).plan().scratch_bytes());
}

PyObject* plan_workspace(PyObject* self, void*) {
  return PyLong_FromSize_t(session_of(self).plan().workspace_bytes());
}

template <typename Function>
PyCFunction function(Function* f) {
  return reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(f));
}

PyMethodDef methods[] = {
    {"run", function(plan_run), METH_FASTCALL, "run(externals, late)\n--\n\nExecute once."},
    {"run_many", function(plan_run_many), METH_VARARGS | METH_KEYWORDS,
     "run_many(externals, batches, order, batch, steps, first, budget, late)\n--\n\n"
     "Execute on batches of rows and return how often.\n\n"
     "Batches: tuples of (external, source, bytes of a row, kind: see row_kinds). Step i takes\n"
     "the rows order[(first + i) * batch:][:batch]. It ends after `steps` steps, or with the one\n"
     "that would end past `budget` seconds. Late instructions run in the last step, if at all."},
    {"profile", plan_profile, METH_O,
     "profile(externals)\n--\n\nExecute once; return (seconds, flops, bytes) of instructions."},
    {"operands", plan_operands, METH_O,
     "operands(path)\n--\n\nReturn the inputs of the instruction that failed last, as bytes."},
    {nullptr, nullptr, 0, nullptr},
};

PyGetSetDef attributes[] = {
    {"instructions", plan_instructions, nullptr, "How many instructions it has.", nullptr},
    {"arena", plan_arena, nullptr, "Bytes of its values.", nullptr},
    {"scratch", plan_scratch, nullptr, "Bytes of scratch memory of a thread.", nullptr},
    {"workspace", plan_workspace, nullptr, "Bytes that its kernels share.", nullptr},
    {nullptr, nullptr, nullptr, nullptr, nullptr},
};

PyType_Slot slots[] = {
    {Py_tp_doc, const_cast<char*>("Plan(words, constants, callbacks)\n--\n\n"
                                  "Instructions that were verified and can be executed.")},
    {Py_tp_new, reinterpret_cast<void*>(plan_new)},
    {Py_tp_dealloc, reinterpret_cast<void*>(plan_dealloc)},
    {Py_tp_traverse, reinterpret_cast<void*>(plan_traverse)},
    {Py_tp_clear, reinterpret_cast<void*>(plan_clear)},
    {Py_tp_methods, methods},
    {Py_tp_getset, attributes},
    {0, nullptr},
};

PyType_Spec spec = {"cornu._native.core.Plan", sizeof(PlanObject), 0,
                    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC, slots};

}  // namespace

bool add_plan(PyObject* module) {
  const Ref type(PyType_FromSpec(&spec));
  if (!type || PyModule_AddObjectRef(module, "Plan", type.get()) != 0) return false;
  if (plan_failure == nullptr) {
    plan_failure = PyErr_NewExceptionWithDoc(
        "cornu._native.core.PlanFailure",
        "Data were wrong while a plan ran: (path of the instruction, message).", nullptr, nullptr);
  }
  return plan_failure != nullptr &&
         PyModule_AddObjectRef(module, "PlanFailure", plan_failure) == 0;
}

}  // namespace cornu
