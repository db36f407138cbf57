// Whether operands lie inside their buffers and don't disturb each other.
#pragma once

#include <vector>

#include "core/decode.h"
#include "core/kernel.h"

namespace cornu {

// Memory that the plan doesn't own.
struct Span {
  const char* data = nullptr;
  std::int64_t bytes = 0;
};

// Buffers inside the arena or equal to their constants, operands inside their buffers, no output
// where nothing may be written or with elements on top of each other. Nested plans aren't looked
// at: they are verified when they are built.
void verify(const Decoded& plan, const std::vector<Span>& constants);

// Refuses outputs that share memory with another operand of the instruction, unless the kernel
// allows that (`may_alias`, `alias`) and they are laid out alike.
void verify_aliases(const Description& description, const std::vector<Buffer>& buffers,
                    const Kernel& kernel);

}  // namespace cornu
