// The extension module of one instruction set: cornu._native.core_<CORNU_TARGET>.

#include "core/opcodes.h"
#include "core/pool.h"
#include "core/rows.h"
#include "core/simd.h"
#include "core/test_hooks.h"
#include "kernels/block/ops.h"
#include "python/gil.h"
#include "python/guard.h"
#include "python/plan.h"
#include "python/random.h"

namespace cornu {
namespace {

PyObject* py_opcodes(PyObject*, PyObject*) {
  return guarded<PyObject*>(nullptr, [] {
    Ref result = checked(PyDict_New());
    const std::vector<Opcode>& list = opcodes();
    for (std::size_t i = 0; i < list.size(); ++i) {
      const Ref number = checked(PyLong_FromSize_t(i));
      if (PyDict_SetItemString(result.get(), list[i].name, number.get()) != 0) throw PythonError();
    }
    return result.release();
  });
}

PyObject* py_block_ops(PyObject*, PyObject*) {
  return guarded<PyObject*>(nullptr, [] {
    Ref result = checked(PyDict_New());
    for (const BlockOp& op : block_ops()) {
      const Ref dtypes = checked(PySet_New(nullptr));
      for (int d = 0; d < dtype_count; ++d) {
        if ((op.dtypes >> d & 1) == 0) continue;
        const Ref number = checked(PyLong_FromLong(d));
        if (PySet_Add(dtypes.get(), number.get()) != 0) throw PythonError();
      }
      const Ref code = checked(PyLong_FromLong(op.code));
      const Ref entry = checked(PyTuple_Pack(2, code.get(), dtypes.get()));
      if (PyDict_SetItemString(result.get(), op.name, entry.get()) != 0) throw PythonError();
    }
    return result.release();
  });
}

PyObject* py_row_kinds(PyObject*, PyObject*) {
  return guarded<PyObject*>(nullptr, [] {
    Ref result = checked(PyDict_New());
    const std::vector<RowKind>& list = row_kinds();
    for (std::size_t i = 0; i < list.size(); ++i) {
      const Ref number = checked(PyLong_FromSize_t(i));
      if (PyDict_SetItemString(result.get(), list[i].name, number.get()) != 0) throw PythonError();
    }
    return result.release();
  });
}

PyObject* py_get_threads(PyObject*, PyObject*) { return PyLong_FromLong(Pool::get().threads()); }

PyObject* py_set_threads(PyObject*, PyObject* count) {
  const long threads = PyLong_AsLong(count);
  if (threads == -1 && PyErr_Occurred() != nullptr) return nullptr;
  if (threads < 1 || threads > Pool::max_threads) {
    PyErr_Format(PyExc_ValueError, "The number of threads must be 1 to %d, but is %ld.",
                 Pool::max_threads, threads);
    return nullptr;
  }
  // Another thread's region may have to end first.
  PyThreadState* thread = PyEval_SaveThread();
  Pool::get().set_threads(static_cast<int>(threads));
  take_gil(thread);
  Py_RETURN_NONE;
}

#if defined(CORNU_TEST_HOOKS)
PyObject* py_fail_allocation(PyObject*, PyObject* n) {
  const long long number = PyLong_AsLongLong(n);
  if (number == -1 && PyErr_Occurred() != nullptr) return nullptr;
  const long long seen = allocations();
  fail_allocation(number);
  return PyLong_FromLongLong(seen);
}

PyObject* py_regions(PyObject*, PyObject*) { return PyLong_FromLongLong(regions()); }
#endif

PyMethodDef functions[] = {
    {"opcodes", py_opcodes, METH_NOARGS,
     "opcodes()\n--\n\nReturn the kernels' numbers by their names."},
    {"block_ops", py_block_ops, METH_NOARGS,
     "block_ops()\n--\n\nReturn the operations of block programs: name -> (code, dtypes)."},
    {"row_kinds", py_row_kinds, METH_NOARGS,
     "row_kinds()\n--\n\nReturn the kinds of conversion of Plan.run_many by their names."},
    {"get_threads", py_get_threads, METH_NOARGS,
     "get_threads()\n--\n\nReturn how many threads work on a plan."},
    {"set_threads", py_set_threads, METH_O,
     "set_threads(count)\n--\n\nSet how many threads work on a plan."},
    {"random_words", py_random_words, METH_VARARGS,
     "random_words(key, words)\n--\n\nFill memory with the random uint32 of a key."},
#if defined(CORNU_TEST_HOOKS)
    {"fail_allocation", py_fail_allocation, METH_O,
     "fail_allocation(n)\n--\n\nLet the n-th allocation from now on fail (0: none); return how\n"
     "many there were since the last call."},
    {"regions", py_regions, METH_NOARGS,
     "regions()\n--\n\nReturn how many regions of work threads have shared."},
#endif
    {nullptr, nullptr, 0, nullptr},
};

int execute(PyObject* module) {
  if (PyModule_AddStringConstant(module, "isa", CORNU_ISA) != 0) return -1;
  Pool::get();  // notices forks from now on
  return add_plan(module) ? 0 : -1;
}

PyModuleDef_Slot slots[] = {
    {Py_mod_exec, reinterpret_cast<void*>(execute)},
    {0, nullptr},
};

PyModuleDef definition = {PyModuleDef_HEAD_INIT,
                          "core",
                          "The compiled core for one instruction set.",
                          0,
                          functions,
                          slots,
                          nullptr,
                          nullptr,
                          nullptr};

}  // namespace
}  // namespace cornu

#define CORNU_JOIN2(a, b) a##b
#define CORNU_JOIN(a, b) CORNU_JOIN2(a, b)

PyMODINIT_FUNC CORNU_JOIN(PyInit_core_, CORNU_TARGET)() {
  return PyModuleDef_Init(&cornu::definition);
}
