// What a block program must keep to.
#pragma once

#include "kernels/block/program.h"

namespace cornu::block {

void verify(const Program& program, const Description& description);

}  // namespace cornu::block
