// Elements of an operand, wherever they are, one after the other.
#pragma once

#include "core/types.h"

namespace cornu {

// Copies an operand whose first element is at `from` to row-major memory.
void gather(const Operand& operand, const char* from, char* to);

}  // namespace cornu
