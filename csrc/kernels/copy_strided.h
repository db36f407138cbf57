// Copying between two arrays of equal shape and any strides, element by element of 1, 2, 4 or 8
// bytes; and the kernel that is made of several such copies.
#pragma once

#include <cstdint>
#include <vector>

#include "core/kernel.h"
#include "kernels/units.h"

namespace cornu {

class StridedCopy {
 public:
  // Strides count elements; those of the destination must not be 0 where an axis is longer than 1.
  StridedCopy(int rank, const std::int64_t* shape, const std::int64_t* source_strides,
              const std::int64_t* target_strides, std::size_t element_size);

  std::int64_t items() const { return items_; }
  double item_bytes() const { return item_bytes_; }

  // Copies items [begin, end); items are equal parts of the work.
  void run(const char* source, char* target, std::int64_t begin, std::int64_t end) const;

 private:
  struct Axis {
    std::int64_t n, source, target;  // strides in bytes
  };
  struct Place {
    std::int64_t source, target;
  };

  void simplify();
  void plan();
  Place place(std::int64_t row) const;
  void lines(const char* source, char* target, std::int64_t rows, std::int64_t from,
             std::int64_t count) const;
  void transposed(const char* source, char* target, std::int64_t item) const;

  std::size_t size_;
  std::vector<Axis> outer_;  // in the order of the target's memory
  Axis middle_{1, 0, 0};     // the last of the outer axes, or the one that is transposed
  Axis line_{1, 0, 0};       // the innermost of the target
  bool transposes_ = false;
  std::int64_t source_start_ = 0, target_start_ = 0;
  std::int64_t piece_ = 1, pieces_ = 1;  // elements of a line that belong to one item
  std::int64_t blocks_ = 1;              // of the transposed axis
  std::int64_t items_ = 0;
  double item_bytes_ = 0;
};

// Copies of parts of inputs into parts of outputs, in one phase.
class Copies : public Kernel {
 public:
  // Offsets in bytes from the operands' first elements; operands are counted inputs first.
  void add(const StridedCopy& copy, int source, std::int64_t source_offset, int target,
           std::int64_t target_offset);

  void run(const Context& context, int phase, std::int64_t begin, std::int64_t end,
           char* scratch) const override;

 private:
  struct Part {
    StridedCopy copy;
    int source, target;
    std::int64_t source_offset, target_offset;
    Units units;
    std::int64_t first;  // unit
  };
  std::vector<Part> parts_;
};

}  // namespace cornu
