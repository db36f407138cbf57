#include "python/random.h"

#include <cstdint>

#include "kernels/block/ops.h"
#include "python/gil.h"
#include "python/guard.h"
#include "python/views.h"

namespace cornu {
namespace {

// Bytes from which on it takes longer to fill them than others should wait for the GIL.
constexpr Py_ssize_t many_bytes = 1 << 18;

bool is_aligned(const View& view) {
  return reinterpret_cast<std::uintptr_t>(view.data()) % sizeof(std::uint32_t) == 0;
}

}  // namespace

PyObject* py_random_words(PyObject*, PyObject* args) {
  return guarded<PyObject*>(nullptr, [&]() -> PyObject* {
    PyObject *key_given, *words_given;
    if (!PyArg_ParseTuple(args, "OO", &key_given, &words_given)) throw PythonError();
    const View key(key_given, false), words(words_given, true);
    if (key.bytes() != 8 || words.bytes() % 4 != 0 || !is_aligned(words)) {
      PyErr_SetString(PyExc_ValueError,
                      "random_words: `key` must be two uint32, `words` memory of such.");
      throw PythonError();
    }
    const block::Function draw =
        block::find(block::Op::random_bits, Dtype::uint32, block::Form{}, Dtype::uint32);
    const auto fill = [&] {
      draw(words.data(), key.data(), nullptr, nullptr, words.bytes() / 4, block::Block{});
    };
    if (words.bytes() < many_bytes) {
      fill();
    } else {
      PyThreadState* thread = PyEval_SaveThread();
      fill();
      take_gil(thread);
    }
    Py_RETURN_NONE;
  });
}

}  // namespace cornu
