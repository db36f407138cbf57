// A block program as it stands in an instruction's attributes, decoded and verified.
#pragma once

#include <cstdint>
#include <vector>

#include "core/types.h"
#include "kernels/block/ops.h"

namespace cornu::block {

// How many elements of a block a register has.
enum class Kind : std::uint8_t { all, row, one };

enum class Storage : std::uint8_t {
  scratch,   // memory of the thread; registers of one slot, kind and size share it
  bound,     // an operand, read or written in place
  column,    // an operand of one element per column, the same for every row
  constant,  // `index` holds its bytes
  strided    // an operand of any strides: gathered before the operations, or scattered after them
};

struct Register {
  Kind kind = Kind::all;
  Dtype dtype = Dtype::float32;
  Storage storage = Storage::scratch;
  std::int64_t index = 0;  // slot, operand (inputs, then outputs) or constant
};

struct Operation {
  Op op = Op::identity;
  int dst = -1;
  int operands[3] = {-1, -1, -1};
};

enum class Fold : std::uint8_t { sum, max, min };

// A reduction over the whole domain, or over its rows (one result per column).
struct Result {
  Fold fold = Fold::sum;
  bool column = false;
  int source = -1;
  std::int64_t output = -1;  // operand
};

struct Program {
  std::int64_t rows = 0;
  std::int64_t cols = 0;
  std::vector<Register> registers;
  std::vector<Operation> prologue;
  std::vector<Operation> body;
  std::vector<Result> results;
};

// Rows of up to this many elements are never cut.
constexpr std::int64_t longest_row = 2048;

// Throws PlanError unless everything about the program is right: afterwards no operation can read
// what wasn't written, or touch memory that isn't its own.
Program decode(const Description& description);

// The operand's register kinds as a form for `find`.
Form form_of(const Program& program, const Operation& operation);

// The dtype that `find` goes by.
Dtype dtype_of(const Program& program, const Operation& operation);

int arity_of(Op op);

// Replaces pairs of operations by single ones where nobody can tell the difference.
void merge(Program& program);

}  // namespace cornu::block
