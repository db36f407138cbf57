#include "python/views.h"

namespace cornu {

View::View(PyObject* object, bool writable) {
  if (PyObject_GetBuffer(object, &view_, writable ? PyBUF_WRITABLE : PyBUF_SIMPLE) != 0) {
    throw PythonError();
  }
}

View::View(View&& other) noexcept : view_(std::exchange(other.view_, Py_buffer{})) {}

View& View::operator=(View&& other) noexcept {
  std::swap(view_, other.view_);
  return *this;
}

View::~View() {
  if (view_.obj != nullptr) PyBuffer_Release(&view_);
}

Items::Items(PyObject* sequence, const char* what) {
  if (PyTuple_Check(sequence) || PyList_Check(sequence)) {
    Py_INCREF(sequence);
    list_ = Ref(sequence);
  } else {
    list_ = Ref(PySequence_Tuple(sequence));
    if (!list_) {
      PyErr_Format(PyExc_TypeError, "`%s` must be a sequence.", what);
      throw PythonError();
    }
  }
  tuple_ = PyTuple_Check(list_.get());
  size_ = tuple_ ? PyTuple_Size(list_.get()) : PyList_Size(list_.get());
}

PyObject* Items::operator[](Py_ssize_t i) const {
  PyObject* item = tuple_ ? PyTuple_GetItem(list_.get(), i) : PyList_GetItem(list_.get(), i);
  if (item == nullptr) throw PythonError();  // a list that became shorter
  return item;
}

}  // namespace cornu
