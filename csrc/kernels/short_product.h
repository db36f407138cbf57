// Products over a few elements: all of b's panel stays in registers while the rows go by.
//
// A tile would spend more time on its beginning and end than on so short a sum.
#pragma once

#include <cstdint>

#include "kernels/microkernel.h"

namespace cornu {

template <typename T>
struct ShortProduct {
  const T* a;
  std::int64_t a_stride;  // between rows; their elements are neighbours
  std::int64_t rows;
  const T* b;  // one row of the panel per reduced element
  std::int64_t b_stride;
  T* c;
  std::int64_t c_stride;
  const T* bias;    // as wide as the panel, or null
  const T* addend;  // rows as c's, or null; may be c
  std::int64_t addend_stride;
  bool relu;
  int last;  // columns of the last vector, lanes<T> if it is full
};

template <typename T>
using MultiplyShort = void (*)(const ShortProduct<T>&);

// How many reduced elements of a panel so wide fit into registers.
constexpr int longest_short(int vectors) {
  constexpr int wide[max_vectors] = {12, 10, 8, 0};
  constexpr int narrow[max_vectors] = {10, 5, 0, 0};
  return vector_registers >= 32 ? wide[vectors - 1] : narrow[vectors - 1];
}

// The function for k reduced elements, 1 to `longest_short(vectors)`, and a panel's width.
template <typename T>
MultiplyShort<T> short_function(int k, int vectors, int last);

}  // namespace cornu
