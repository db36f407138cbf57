// From element types known when a plan is built to C++ types: each function calls `f` with a zero of
// the type, so that a kernel is a class template and its constructor is reached by `decltype`.
#pragma once

#include <cstdint>
#include <utility>

#include "core/types.h"

namespace cornu {

// For kernels that only move elements: an unsigned integer of as many bytes.
template <typename F>
auto with_bytes(std::size_t size, F&& f) {
  switch (size) {
    case 1:
      return f(std::uint8_t{});
    case 2:
      return f(std::uint16_t{});
    case 4:
      return f(std::uint32_t{});
    default:
      return f(std::uint64_t{});
  }
}

// For arithmetic. bool is stored as bytes of 0 and 1. Narrow floats have no arithmetic here.
template <typename F>
auto with_number(Dtype dtype, F&& f) {
  switch (dtype) {
    case Dtype::boolean:
    case Dtype::uint8:
      return f(std::uint8_t{});
    case Dtype::int32:
      return f(std::int32_t{});
    case Dtype::uint32:
      return f(std::uint32_t{});
    case Dtype::int64:
      return f(std::int64_t{});
    case Dtype::float32:
      return f(float{});
    case Dtype::float64:
      return f(double{});
    default:
      throw PlanError("there is no kernel for this dtype");
  }
}

// For indices: any integer dtype.
template <typename F>
auto with_index(Dtype dtype, F&& f) {
  switch (dtype) {
    case Dtype::uint8:
      return f(std::uint8_t{});
    case Dtype::int8:
      return f(std::int8_t{});
    case Dtype::uint16:
      return f(std::uint16_t{});
    case Dtype::int16:
      return f(std::int16_t{});
    case Dtype::uint32:
      return f(std::uint32_t{});
    case Dtype::int32:
      return f(std::int32_t{});
    case Dtype::uint64:
      return f(std::uint64_t{});
    case Dtype::int64:
      return f(std::int64_t{});
    default:
      throw PlanError("an index must have an integer dtype");
  }
}

inline bool is_integer(Dtype dtype) { return dtype >= Dtype::uint8 && dtype <= Dtype::int64; }

}  // namespace cornu
