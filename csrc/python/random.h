// Random words without a plan, for backends that have arrays of their own.
#pragma once

#include "python/python.h"

namespace cornu {

// random_words(key, words): fills writable memory with the uint32 that belong to a key.
PyObject* py_random_words(PyObject* module, PyObject* args);

}  // namespace cornu
