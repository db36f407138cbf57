// Between blocks, which are contiguous, and operands of any strides.
#pragma once

#include <cstdint>
#include <vector>

#include "core/types.h"

namespace cornu::block {

// An operand's elements in row-major order of its shape, from any of them on.
class Walk {
 public:
  explicit Walk(const Operand& operand);

  // Copies elements [start, start + count) to `block`.
  void gather(const char* memory, char* block, std::int64_t start, std::int64_t count) const;
  // Copies them from `block`.
  void scatter(char* memory, const char* block, std::int64_t start, std::int64_t count) const;

  // Whether two elements may be one and the same memory.
  bool repeats() const;

 private:
  int rank_ = 0;  // of axes that can't be joined to others
  std::size_t size_ = 0;
  std::int64_t shape_[max_rank] = {};
  std::int64_t strides_[max_rank] = {};

  template <typename T, typename Move>
  void walk(std::int64_t start, std::int64_t count, Move move) const;
};

}  // namespace cornu::block
