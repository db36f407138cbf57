// The extension module cornu._native.cpu: which of the compiled instruction sets this machine has.

#include "python/python.h"

namespace {

#if defined(__x86_64__)
bool has_avx2() {
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
         __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2") &&
         __builtin_cpu_supports("popcnt");
}
bool has_avx512() {
  return has_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512cd") && __builtin_cpu_supports("avx512dq") &&
         __builtin_cpu_supports("avx512vl");
}
#else
bool has_avx2() { return false; }
bool has_avx512() { return false; }
#endif

// Best first.
const struct {
  const char* name;
  bool built;
  bool (*has)();
} sets[] = {
    {"avx512", CORNU_BUILT_avx512, has_avx512},
    {"avx2", CORNU_BUILT_avx2, has_avx2},
    {"plain", CORNU_BUILT_plain, [] { return true; }},
};

PyObject* supported(PyObject*, PyObject*) {
  PyObject* list = PyList_New(0);
  if (list == nullptr) return nullptr;
  for (const auto& set : sets) {
    if (!set.built || !set.has()) continue;
    PyObject* name = PyUnicode_FromString(set.name);
    const bool added = name != nullptr && PyList_Append(list, name) == 0;
    Py_XDECREF(name);
    if (!added) {
      Py_DECREF(list);
      return nullptr;
    }
  }
  return list;
}

PyMethodDef functions[] = {
    {"supported", supported, METH_NOARGS,
     "supported()\n--\n\nReturn the instruction sets that machine and build have, best first."},
    {nullptr, nullptr, 0, nullptr},
};

PyModuleDef_Slot slots[] = {{0, nullptr}};

PyModuleDef definition = {PyModuleDef_HEAD_INIT, "cpu", "What this machine's processor has.", 0,
                          functions,             slots, nullptr, nullptr, nullptr};

}  // namespace

PyMODINIT_FUNC PyInit_cpu() { return PyModuleDef_Init(&definition); }
