// Where the registers of a program lie while it runs.
#pragma once

#include <cstdint>
#include <vector>

#include "kernels/block/cut.h"
#include "kernels/block/program.h"
#include "kernels/block/strided.h"

namespace cornu::block {

// Addresses of registers, one pointer each and a null one for operands that aren't there.
// The table itself and all registers that aren't bound to operands lie in the thread's scratch.
class Memory {
 public:
  Memory(const Program& program, const Cut& cut, const Description& description);

  // Makes the table and fills it with what stays where it is.
  char** begin(char* const* operands, char* scratch) const;
  // Moves what is bound to the place of a block, and gathers what is strided.
  void enter(char** table, char* const* operands, const Block& block) const;
  // Scatters what is strided.
  void leave(char** table, char* const* operands, const Block& block) const;

  int nothing() const { return nothing_; }  // the table's index of the null pointer
  // Takes more scratch for the kernel's own use: its offset.
  std::size_t take(std::size_t bytes);
  std::size_t scratch() const { return end_; }

  // Single elements that are outputs: made in scratch, stored at the end.
  struct Stored {
    int reg;
    std::int64_t operand;
    std::size_t size;
  };
  const std::vector<Stored>& stored() const { return stored_; }

 private:
  struct InScratch {
    int reg;
    std::size_t offset;
  };
  struct Constant {
    int reg;
    std::uint64_t value;
  };
  struct Bound {
    int reg;
    std::int64_t operand;
    std::int64_t Block::*position;  // of the first element, counted in elements
    std::int64_t size;
  };
  struct Repeated {  // a column vector for several rows
    int reg;
    std::int64_t operand;
    std::size_t row_bytes;
  };
  struct Strided {
    int reg;
    std::int64_t operand;
    Walk walk;
  };

  int nothing_;
  std::size_t end_ = 0;
  std::int64_t rows_;
  std::vector<InScratch> in_scratch_;
  std::vector<Constant> constants_;
  std::vector<Bound> fixed_;
  std::vector<Bound> moving_;
  std::vector<Repeated> repeated_;
  std::vector<Strided> gathered_;
  std::vector<Strided> scattered_;
  std::vector<Stored> stored_;
};

}  // namespace cornu::block
