// Reductions over a whole domain or over its rows: lane by lane within a chunk, then folded, then
// the chunks in their order. The same bits whoever does which chunk.
//
// A lane takes in every `period`-th element of each block: some vectors of them, or for results of
// columns some rows.
#pragma once

#include <cstdint>
#include <vector>

#include "kernels/block/cut.h"
#include "kernels/block/memory.h"
#include "kernels/block/program.h"

namespace cornu::block {

class Results {
 public:
  Results(const Program& program, const Cut& cut, Memory& memory);

  // Takes in a block of a chunk, the chunk's first one or another.
  void add(char* const* table, char* scratch, const Block& block, bool first) const;
  // Writes a chunk's results: to the outputs if there is no other chunk.
  void finish(char* scratch, char* const* operands, char* workspace, std::int64_t chunk,
              const Block& largest) const;
  // Joins those of all chunks.
  void combine(char* const* operands, const char* workspace) const;

  bool empty() const { return all_.empty(); }
  std::size_t workspace() const { return workspace_; }

 private:
  struct One {
    Function join;
    int source;
    std::int64_t output;
    bool column;
    bool of_rows;  // the source has one element per row
    bool sums_floats;
    std::size_t size;
    std::uint64_t identity;  // its first bytes
    std::size_t lanes;       // offset in scratch
    std::int64_t period;
    std::int64_t length;     // of the result
    std::size_t partials;    // offset in the workspace
  };

  static void take_in(const One& r, char* lanes, const char* source, std::int64_t n,
                      const Block& block, bool first);
  static void fold(const One& r, char* lanes, std::int64_t items, std::int64_t width,
                   const Block& block);

  std::int64_t chunks_;
  std::size_t workspace_ = 0;
  std::vector<One> all_;
};

}  // namespace cornu::block
