// Taking the GIL back.
#pragma once

#include <chrono>
#include <thread>

#include "python/python.h"

namespace cornu {

// Takes the GIL for a thread that gave it away. When the interpreter has ended meanwhile, Python up
// to 3.13 ends the thread right here, by unwinding the stack, which would release objects of Python
// without the GIL. So the thread stays, as it does in later versions, until the process is gone.
inline void take_gil(PyThreadState* thread) {
  try {
    PyEval_RestoreThread(thread);
  } catch (...) {
    while (true) std::this_thread::sleep_for(std::chrono::hours(1));
  }
}

}  // namespace cornu
