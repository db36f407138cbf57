// Floats in rows shorter than a vector, as many rows at a time as a vector has lanes: one row at a
// time would leave most lanes idle.
#pragma once

#include "kernels/block/ops.h"

namespace cornu::block {

constexpr std::int64_t longest_short_row = 15;

// A reduction of rows of `cols` elements, for blocks of at least a vector of rows; null where there
// is none. Sums go from the first element of a row to the last.
Function find_short_row(Op op, std::int64_t cols);

}  // namespace cornu::block
