// A plan's words as structures. Nothing is known to be right yet but the words' own grammar.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/types.h"

namespace cornu {

enum class Kind : std::uint8_t { external, constant, arena };

struct Buffer {
  Kind kind = Kind::external;
  Dtype dtype = Dtype::float32;
  std::int64_t count = 0;  // elements
  std::int64_t place = 0;  // number of the external or constant, or offset in the arena in bytes
  bool writable = false;

  std::int64_t bytes() const { return count * static_cast<std::int64_t>(size_of(dtype)); }
};

struct DecodedInstruction {
  std::int64_t opcode = 0;
  bool late = false;
  Description description;           // its `nested` is empty
  std::vector<std::int64_t> nested;  // numbers of nested plans
};

// Of one buffer, shape, stride or offset. Products of two of them fit in 64 bits only where
// core/verify.cpp has looked at them.
constexpr std::int64_t max_elements = std::int64_t{1} << 44;

constexpr std::int64_t max_externals = 1 << 20;

struct Decoded {
  std::vector<Buffer> buffers;
  std::int64_t arena_bytes = 0;
  std::vector<DecodedInstruction> instructions;
  std::vector<Decoded> nested;
};

// Throws PlanError where the words end too early, go on too long, or hold no number of their kind.
Decoded decode(const std::int64_t* words, std::size_t count);

}  // namespace cornu
