// What a plan is made of: element types, operands, and what can go wrong.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace cornu {

// The order is part of the plan's format: `plan.py` has the same list.
enum class Dtype : std::uint8_t {
  boolean,
  uint8,
  int8,
  uint16,
  int16,
  uint32,
  int32,
  uint64,
  int64,
  float16,
  bfloat16,
  float32,
  float64,
};
constexpr int dtype_count = 13;

constexpr std::size_t size_of(Dtype dtype) {
  constexpr std::size_t sizes[dtype_count] = {1, 1, 1, 2, 2, 4, 4, 8, 8, 2, 2, 4, 8};
  return sizes[static_cast<int>(dtype)];
}

constexpr int max_rank = 8;

// A part of a buffer, as one instruction sees it. Offset and strides count elements.
struct Operand {
  std::int32_t buffer = -1;
  Dtype dtype = Dtype::float32;
  std::int32_t rank = 0;
  std::int64_t offset = 0;
  std::int64_t shape[max_rank] = {};
  std::int64_t strides[max_rank] = {};

  std::int64_t size() const {
    std::int64_t total = 1;
    for (int i = 0; i < rank; ++i) total *= shape[i];
    return total;
  }

  // Row-major without gaps. Axes of one element may have any stride.
  bool contiguous() const {
    std::int64_t expected = 1;
    for (int i = rank - 1; i >= 0; --i) {
      if (shape[i] != 1 && strides[i] != expected) return false;
      expected *= shape[i];
    }
    return true;
  }
};

// The plan itself is wrong: found while it is built, never while it runs.
struct PlanError : std::invalid_argument {
  using std::invalid_argument::invalid_argument;
};

// Data were wrong while a plan ran, such as an index out of range. The caller asks the primitive's
// reference for the words.
struct DataError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

inline void require(bool holds, const char* what) {
  if (!holds) throw PlanError(what);
}

class Plan;

// One instruction as it stands in the plan. Its kernel is made from this once.
struct Description {
  std::vector<Operand> inputs;
  std::vector<Operand> outputs;
  std::vector<std::int64_t> attributes;
  std::vector<std::shared_ptr<const Plan>> nested;  // bodies of control flow
};

}  // namespace cornu
