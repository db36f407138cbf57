// The type `Plan` of Python.
#pragma once

#include "python/python.h"

namespace cornu {

// Adds the type and its exception to a module. False where a Python exception is set.
bool add_plan(PyObject* module);

}  // namespace cornu
