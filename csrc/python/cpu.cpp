// The extension module cornu._native.cpu: which of the compiled instruction sets this machine has.

#include "python/python.h"

#if defined(__x86_64__)
#include <cpuid.h>
#endif

namespace {

#if defined(__x86_64__)
// What the compiler may use besides the vectors, and older ones can't ask for by name.
bool has_companions() {
  unsigned a, b, c, d;
  if (__get_cpuid(1, &a, &b, &c, &d) == 0) return false;
  constexpr unsigned movbe = 1u << 22, f16c = 1u << 29, lzcnt = 1u << 5;
  if ((c & movbe) == 0 || (c & f16c) == 0) return false;
  return __get_cpuid(0x80000001, &a, &b, &c, &d) != 0 && (c & lzcnt) != 0;
}
// The compiler's question asks the operating system too, whether it keeps the registers.
bool has_avx2() {
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
         __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2") &&
         __builtin_cpu_supports("popcnt") && has_companions();
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

PyObject* names(bool only_built) {
  PyObject* list = PyList_New(0);
  if (list == nullptr) return nullptr;
  for (const auto& set : sets) {
    if ((only_built && !set.built) || !set.has()) continue;
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

PyObject* supported(PyObject*, PyObject*) { return names(true); }
PyObject* of_machine(PyObject*, PyObject*) { return names(false); }

PyMethodDef functions[] = {
    {"supported", supported, METH_NOARGS,
     "supported()\n--\n\nReturn the instruction sets that machine and build have, best first."},
    {"of_machine", of_machine, METH_NOARGS,
     "of_machine()\n--\n\nReturn those that the machine has, built or not."},
    {nullptr, nullptr, 0, nullptr},
};

PyModuleDef_Slot slots[] = {{0, nullptr}};

PyModuleDef definition = {PyModuleDef_HEAD_INIT, "cpu", "What this machine's processor has.", 0,
                          functions,             slots, nullptr, nullptr, nullptr};

}  // namespace

PyMODINIT_FUNC PyInit_cpu() { return PyModuleDef_Init(&definition); }
