// The instruction `python`: a call of a Python function on the operands' memory, for what has no
// kernel. Attributes: [number of the callback]. Operands are contiguous; outputs are writable.

#include "core/denormals.h"
#include "core/runner.h"
#include "python/gil.h"
#include "python/session.h"

namespace cornu {
namespace {

class PythonCall final : public CallerKernel {
 public:
  explicit PythonCall(const Description& description) : description_(description) {
    needs_host = true;
    require(description.attributes.size() == 1, "it needs the number of a callback");
    require(description.attributes[0] >= 0, "the number of a callback is negative");
    require(description.nested.empty(), "it has no nested plans");
    for (const std::vector<Operand>* operands : {&description.inputs, &description.outputs}) {
      for (const Operand& operand : *operands) {
        require(operand.contiguous(), "the operands of a callback must be contiguous");
        bytes += static_cast<double>(operand.size()) * static_cast<double>(size_of(operand.dtype));
      }
    }
  }

  void run_by_caller(const Context& context, Runner& runner) const override {
    runner.host()->call(description_.attributes[0], description_, context.operands);
  }

 private:
  const Description description_;
};

// The GIL and the usual arithmetic, as long as it lives.
class InPython {
 public:
  explicit InPython(PyThreadState* thread) { take_gil(thread); }
  ~InPython() { PyEval_SaveThread(); }
  InPython(const InPython&) = delete;
  InPython& operator=(const InPython&) = delete;

 private:
  const NoFlush no_flush_;
};

// A view of an operand for Python.
Ref view_of(const Operand& operand, char* data, bool writable) {
  const std::int64_t bytes = operand.size() * static_cast<std::int64_t>(size_of(operand.dtype));
  return checked(PyMemoryView_FromMemory(data, static_cast<Py_ssize_t>(bytes),
                                         writable ? PyBUF_WRITE : PyBUF_READ));
}

}  // namespace

std::unique_ptr<Kernel> make_python(const Description& description) {
  return std::make_unique<PythonCall>(description);
}

void Session::call(std::int64_t number, const Description& description, char* const* operands) {
  const InPython in_python(thread_);
  PyObject* callback = PyTuple_GetItem(callbacks_.get(), static_cast<Py_ssize_t>(number));
  if (callback == nullptr) throw PythonError();
  const std::size_t inputs = description.inputs.size();
  const std::size_t outputs = description.outputs.size();
  const Ref args = checked(PyTuple_New(static_cast<Py_ssize_t>(inputs + outputs)));
  for (std::size_t i = 0; i < inputs + outputs; ++i) {
    const bool writable = i >= inputs;
    const Operand& operand =
        writable ? description.outputs[i - inputs] : description.inputs[i];
    Ref view = view_of(operand, operands[i], writable);
    PyTuple_SetItem(args.get(), static_cast<Py_ssize_t>(i), view.release());
  }
  checked(PyObject_CallObject(callback, args.get()));
}

void Session::check() {
  const InPython in_python(thread_);
  if (PyErr_CheckSignals() != 0) throw PythonError();
}

}  // namespace cornu
