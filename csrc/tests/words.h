// A plan written word by word, and one execution of it: what tests of the core need without Python.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <vector>

#include "core/types.h"

namespace cornu::tests {

using Shape = std::vector<std::int64_t>;

class Words {
 public:
  // A buffer that the caller provides, whole and row-major, as an operand. Numbers count from 0, in
  // the order in which `run` gets the addresses.
  int external(Dtype dtype, const Shape& shape, bool writable = false);

  // The same memory with other strides and shape.
  int view(int operand, const Shape& shape, const Shape& strides);

  // Memory between instructions.
  int arena(Dtype dtype, const Shape& shape);

  void instruction(const std::string& opcode, std::initializer_list<int> inputs,
                   std::initializer_list<int> outputs, const Shape& attributes = {},
                   std::initializer_list<int> bodies = {});

  // A plan for control flow; its number is what `instruction` takes.
  int body(const Words& plan);

  std::vector<std::int64_t> encode() const;

  // Builds and executes; throws what those throw.
  void run(std::initializer_list<void*> externals) const;

 private:
  struct Part {
    std::int64_t buffer;
    Shape shape, strides;
  };
  int whole(const Shape& shape);

  std::vector<std::int64_t> buffers_, instructions_;
  std::int64_t buffer_count_ = 0, instruction_count_ = 0, externals_ = 0, arena_bytes_ = 0;
  std::vector<Part> parts_;
  std::vector<std::vector<std::int64_t>> nested_;
};

}  // namespace cornu::tests
