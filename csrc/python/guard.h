// C++ exceptions as Python exceptions.
#pragma once

#include <exception>
#include <new>
#include <stdexcept>

#include "python/python.h"

namespace cornu {

// Calls `body`. What it throws becomes a Python exception, and `failed` is returned.
template <typename Result, typename Body>
Result guarded(Result failed, Body&& body) {
  try {
    return body();
  } catch (const PythonError&) {
  } catch (const std::bad_alloc&) {
    PyErr_NoMemory();
  } catch (const std::logic_error& error) {  // PlanError, or what a container refuses
    PyErr_SetString(PyExc_ValueError, error.what());
  } catch (const std::exception& error) {
    PyErr_SetString(PyExc_RuntimeError, error.what());
  }
  return failed;
}

}  // namespace cornu
