// Memory of Python objects, by the buffer protocol.
#pragma once

#include <vector>

#include "python/python.h"

namespace cornu {

// Row-major memory of an object, held as long as this lives.
class View {
 public:
  View() = default;
  View(PyObject* object, bool writable);
  View(View&& other) noexcept;
  View& operator=(View&& other) noexcept;
  ~View();

  char* data() const { return static_cast<char*>(view_.buf); }
  Py_ssize_t bytes() const { return view_.len; }

 private:
  Py_buffer view_{};
};

// The items of a sequence as a list or tuple, and one of them. The item is borrowed.
class Items {
 public:
  Items(PyObject* sequence, const char* what);

  Py_ssize_t size() const { return size_; }
  PyObject* operator[](Py_ssize_t i) const;

 private:
  Ref list_;
  Py_ssize_t size_ = 0;
  bool tuple_ = false;
};

}  // namespace cornu
