// The operations of block programs: their names, what they take, and where their code is found.
#pragma once

#include <cstdint>
#include <vector>

#include "core/types.h"

namespace cornu::block {

// Where a block stands in its domain of rows x columns, and how much of it there is.
struct Block {
  std::int64_t count = 0;  // elements
  std::int64_t rows = 0;
  std::int64_t cols = 0;
  std::int64_t start = 0;  // flat index of the first element
  std::int64_t row = 0;    // index of the first row
  std::int64_t column = 0;
};

// All operations have one signature. `n`: elements of the destination's kind (all of the block, one
// per row, or one). Operands that aren't used are null.
using Function = void (*)(char* dst, const char* a, const char* b, const char* c, std::int64_t n,
                          const Block& block);

// What an operation takes. `same`: the result has the dtype of the operand; `truth`: bool.
enum class Family : std::uint8_t {
  unary_same,
  unary_truth,
  binary_same,
  binary_truth,
  cast,
  select,
  expand,      // one element per row (or one at all) to all elements
  row_same,    // all elements to one per row
  row_place,   // the same, int32 places
  iota,        // the flat index
  random,      // words of Threefry, by the flat index
  triple_same  // internal: what two operations were merged into
};

// X(name, family). An operation's code is its place here; Python asks by name. The names of
// primitives mean exactly what the primitives' references compute.
#define CORNU_BLOCK_OPS(X)                                                                 \
  X(identity, unary_same)                                                                  \
  X(negate, unary_same)                                                                    \
  X(abs, unary_same)                                                                       \
  X(sign, unary_same)                                                                      \
  X(exp, unary_same)                                                                       \
  X(expm1, unary_same)                                                                     \
  X(log, unary_same)                                                                       \
  X(log1p, unary_same)                                                                     \
  X(sqrt, unary_same)                                                                      \
  X(rsqrt, unary_same)                                                                     \
  X(reciprocal, unary_same)                                                                \
  X(sin, unary_same)                                                                       \
  X(cos, unary_same)                                                                       \
  X(tan, unary_same)                                                                       \
  X(asin, unary_same)                                                                      \
  X(acos, unary_same)                                                                      \
  X(atan, unary_same)                                                                      \
  X(sinh, unary_same)                                                                      \
  X(cosh, unary_same)                                                                      \
  X(tanh, unary_same)                                                                      \
  X(asinh, unary_same)                                                                     \
  X(acosh, unary_same)                                                                     \
  X(atanh, unary_same)                                                                     \
  X(sigmoid, unary_same)                                                                   \
  X(erf, unary_same)                                                                       \
  X(erfinv, unary_same)                                                                    \
  X(lgamma, unary_same)                                                                    \
  X(digamma, unary_same)                                                                   \
  X(floor, unary_same)                                                                     \
  X(ceil, unary_same)                                                                      \
  X(round, unary_same)                                                                     \
  X(trunc, unary_same)                                                                     \
  X(logical_not, unary_same)                                                               \
  X(bitwise_not, unary_same)                                                               \
  X(is_finite, unary_truth)                                                                \
  X(is_nan, unary_truth)                                                                   \
  X(is_inf, unary_truth)                                                                   \
  X(add, binary_same)                                                                      \
  X(subtract, binary_same)                                                                 \
  X(multiply, binary_same)                                                                 \
  X(divide, binary_same)                                                                   \
  X(floor_divide, binary_same)                                                             \
  X(remainder, binary_same)                                                                \
  X(power, binary_same)                                                                    \
  X(maximum, binary_same)                                                                  \
  X(minimum, binary_same)                                                                  \
  X(atan2, binary_same)                                                                    \
  X(logical_and, binary_same)                                                              \
  X(logical_or, binary_same)                                                               \
  X(logical_xor, binary_same)                                                              \
  X(bitwise_and, binary_same)                                                              \
  X(bitwise_or, binary_same)                                                               \
  X(bitwise_xor, binary_same)                                                              \
  X(shift_left, binary_same)                                                               \
  X(shift_right, binary_same)                                                              \
  X(equal, binary_truth)                                                                   \
  X(not_equal, binary_truth)                                                               \
  X(less, binary_truth)                                                                    \
  X(less_equal, binary_truth)                                                              \
  X(greater, binary_truth)                                                                 \
  X(greater_equal, binary_truth)                                                           \
  X(cast, cast)                                                                            \
  X(select, select)                                                                        \
  X(expand, expand)                                                                        \
  X(row_sum, row_same)                                                                     \
  X(row_max, row_same)                                                                     \
  X(row_min, row_same)                                                                     \
  X(row_argmax, row_place)                                                                 \
  X(row_argmin, row_place)                                                                 \
  X(iota_flat, iota)                                                                       \
  X(random_bits, random)

// Internal ones, which no plan may name: merge.cpp makes them.
#define CORNU_BLOCK_MERGED_OPS(X)   \
  X(multiply_add, triple_same)      \
  X(multiply_subtract, triple_same) \
  X(subtract_product, triple_same)

enum class Op : std::uint8_t {
#define CORNU_BLOCK_NAME(name, family) name,
  CORNU_BLOCK_OPS(CORNU_BLOCK_NAME) CORNU_BLOCK_MERGED_OPS(CORNU_BLOCK_NAME)
#undef CORNU_BLOCK_NAME
};

#define CORNU_BLOCK_COUNT(name, family) +1
constexpr int public_ops = 0 CORNU_BLOCK_OPS(CORNU_BLOCK_COUNT);
#undef CORNU_BLOCK_COUNT

Family family_of(Op op);

// Whether operands are one element (`one`), one for each row of the destination (`row`), or as many
// as the destination has.
struct Form {
  bool a_one = false;
  bool b_one = false;
  bool c_one = false;
  bool a_row = false;
  bool b_row = false;
};

// Code for an operation on operands of `dtype`; null where there is none. `to`: the dtype of the
// result of a cast.
Function find(Op op, Dtype dtype, Form form, Dtype to);

// Parts of `find`, one for each file of code.
Function find_arithmetic(Op op, Dtype dtype, Form form);
Function find_with_rows(Op op, Dtype dtype, Form form);
Function find_integer(Op op, Dtype dtype, Form form);
Function find_comparison(Op op, Dtype dtype, Form form);
Function find_float32(Op op, Form form);
Function find_rounding(Op op, Dtype dtype, Form form);
Function find_library(Op op, Dtype dtype, Form form);
Function find_cast(Dtype from, Dtype to);
Function find_select(std::size_t size, Form form);
Function find_copy(std::size_t size);
Function find_fill(std::size_t size);
Function find_expand(std::size_t size);
Function find_row(Op op, Dtype dtype);
Function find_iota(Dtype dtype);
Function find_random();
Function find_merged(Op op, Dtype dtype, Form form);

// A rough cost per element, in the unit of `Kernel::flops`.
double cost_of(Op op, Dtype dtype);

}  // namespace cornu::block

namespace cornu {

// One operation as Python sees it: bit d of `dtypes` is set where it takes operands of dtype d.
struct BlockOp {
  const char* name;
  int code;
  std::uint32_t dtypes;
};

std::vector<BlockOp> block_ops();

}  // namespace cornu
