// How a domain is cut into blocks and chunks.
#pragma once

#include <cstdint>

#include "kernels/block/program.h"

namespace cornu::block {

// Decided by the program and its shape alone: results have the same bits on any number of threads.
struct Cut {
  std::int64_t block_rows = 1;
  std::int64_t block_cols = 0;
  std::int64_t pieces = 1;  // of a row
  std::int64_t blocks = 0;
  std::int64_t chunks = 1;

  explicit Cut(const Program& program);
  std::int64_t elements() const { return block_rows * block_cols; }  // of the largest block
  std::int64_t chunk_begin(std::int64_t chunk) const { return blocks * chunk / chunks; }
};

}  // namespace cornu::block
