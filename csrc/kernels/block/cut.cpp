#include "kernels/block/cut.h"

#include <algorithm>
#include <set>
#include <tuple>

#include "core/test_hooks.h"

namespace cornu::block {
namespace {

constexpr std::int64_t chunk_elements = 16384;
constexpr std::int64_t most_chunks = 16;
constexpr std::int64_t most_elements = 1024;
// Smaller blocks cost more calls for each element: worth it where data come from far away.
constexpr std::int64_t least_elements = 512;
constexpr std::int64_t least_elements_from_afar = 256;
constexpr std::int64_t second_level = 1 << 20;  // bytes of a cache
// Of a first-level cache of 32 KiB or more: what comes next is already on its way into it.
constexpr std::int64_t most_bytes = 16384;

// What one element of a block takes in the first-level cache.
std::int64_t bytes_of_element(const Program& program) {
  std::set<std::tuple<std::int64_t, std::size_t>> slots;
  std::size_t bytes = 0;
  for (const Register& r : program.registers) {
    if (r.kind != Kind::all) continue;
    const std::size_t size = size_of(r.dtype);
    if (r.storage == Storage::scratch && !slots.insert({r.index, size}).second) continue;
    bytes += size;
  }
  return static_cast<std::int64_t>(bytes);
}

std::int64_t elements_of_block(const Program& program) {
  const std::int64_t bytes = bytes_of_element(program);
  const bool far = program.rows * program.cols > second_level / std::max<std::int64_t>(bytes, 1);
  const std::int64_t least = far ? least_elements_from_afar : least_elements;
  std::int64_t elements = most_elements;
  while (elements > least && elements * bytes > most_bytes) elements /= 2;
  // In fine grain (tests only) a block is a few vectors.
  return std::max<std::int64_t>(
      static_cast<std::int64_t>(static_cast<double>(elements) * grain()), 64);
}

}  // namespace

Cut::Cut(const Program& program) {
  const std::int64_t rows = program.rows;
  const std::int64_t cols = program.cols;
  const std::int64_t most = elements_of_block(program);
  if (cols <= longest_row) {
    block_rows = std::max<std::int64_t>(most / std::max<std::int64_t>(cols, 1), 1);
    if (block_rows > 16) block_rows -= block_rows % 16;  // whole vectors, whatever the columns
    block_rows = std::min(block_rows, std::max<std::int64_t>(rows, 1));
    block_cols = cols;
    blocks = (rows + block_rows - 1) / block_rows;
  } else {
    block_cols = most;
    pieces = (cols + most - 1) / most;
    blocks = rows * pieces;
  }
  const std::int64_t full = std::max<std::int64_t>(elements(), 1);
  const auto elements_of_chunk =
      static_cast<std::int64_t>(static_cast<double>(chunk_elements) * grain());
  const std::int64_t least = std::max<std::int64_t>((elements_of_chunk + full - 1) / full, 1);
  chunks = std::clamp<std::int64_t>(blocks / least, 1, most_chunks);
}

}  // namespace cornu::block
