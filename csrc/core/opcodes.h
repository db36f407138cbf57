// The kernels by name and number.
#pragma once

#include "core/kernel.h"

namespace cornu {

struct Opcode {
  const char* name;
  Make make;
};

// All of them; an opcode is a place in this list.
const std::vector<Opcode>& opcodes();

// The kernel of this number, or null.
const Opcode* find_opcode(std::int64_t number);

}  // namespace cornu
