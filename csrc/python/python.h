// Python's C API, limited to what every version since 3.11 has in one ABI.
#pragma once

#define PY_SSIZE_T_CLEAN
#define Py_LIMITED_API 0x030b0000
#include <Python.h>

#include <utility>

namespace cornu {

// A reference that is owned.
class Ref {
 public:
  Ref() = default;
  explicit Ref(PyObject* object) : object_(object) {}
  Ref(Ref&& other) noexcept : object_(std::exchange(other.object_, nullptr)) {}
  Ref& operator=(Ref&& other) noexcept {
    std::swap(object_, other.object_);
    return *this;
  }
  ~Ref() { Py_XDECREF(object_); }

  PyObject* get() const { return object_; }
  PyObject* release() { return std::exchange(object_, nullptr); }
  explicit operator bool() const { return object_ != nullptr; }

 private:
  PyObject* object_ = nullptr;
};

// A Python exception is set: thrown through C++ to where it returns to Python.
struct PythonError {};

// What a call of the C API returned. Throws where that is null.
inline Ref checked(PyObject* object) {
  if (object == nullptr) throw PythonError();
  return Ref(object);
}

}  // namespace cornu
