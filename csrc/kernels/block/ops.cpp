// Which code belongs to an operation, and what Python is told about all of them.
#include "kernels/block/ops.h"

#include <array>

namespace cornu::block {

Family family_of(Op op) {
  static constexpr Family families[] = {
#define CORNU_BLOCK_FAMILY(name, family) Family::family,
      CORNU_BLOCK_OPS(CORNU_BLOCK_FAMILY) CORNU_BLOCK_MERGED_OPS(CORNU_BLOCK_FAMILY)
#undef CORNU_BLOCK_FAMILY
  };
  return families[static_cast<int>(op)];
}

Function find(Op op, Dtype dtype, Form form, Dtype to) {
  switch (family_of(op)) {
    case Family::cast:
      return find_cast(dtype, to);
    case Family::select:
      return find_select(size_of(dtype), form);
    case Family::expand:
      return form.a_one ? find_fill(size_of(dtype)) : find_expand(size_of(dtype));
    case Family::row_same:
    case Family::row_place:
      return find_row(op, dtype);
    case Family::iota:
      return find_iota(dtype);
    case Family::random:
      return dtype == Dtype::uint32 ? find_random() : nullptr;
    case Family::triple_same:
      return find_merged(op, dtype, form);
    case Family::unary_truth:
    case Family::binary_truth:
      return find_comparison(op, dtype, form);
    default:
      break;
  }
  if (form.a_row || form.b_row) return find_with_rows(op, dtype, form);
  if (op == Op::identity) return find_copy(size_of(dtype));
  Function found = nullptr;
  if (dtype == Dtype::float32) found = find_float32(op, form);
  if (!found) found = find_arithmetic(op, dtype, form);
  if (!found) found = find_integer(op, dtype, form);
  if (!found) found = find_rounding(op, dtype, form);
  if (!found) found = find_library(op, dtype, form);
  return found;
}

// Measured on blocks in the first-level cache: 40 units are a nanosecond.
double cost_of(Op op, Dtype dtype) {
  const bool narrow = dtype == Dtype::float32;
  switch (op) {
    case Op::divide:
    case Op::reciprocal:
    case Op::sqrt:
      return 6;
    case Op::rsqrt:
    case Op::random_bits:
      return 16;
    case Op::exp:
    case Op::expm1:
    case Op::log:
    case Op::log1p:
    case Op::tanh:
    case Op::sigmoid:
    case Op::erf:
      return narrow ? 16 : 400;
    case Op::sin:
    case Op::cos:
      return narrow ? 32 : 400;
    case Op::power:
      return narrow ? 80 : 1200;
    case Op::floor_divide:
    case Op::remainder:
      return 400;
    default:
      return find_library(op, dtype, Form{}) != nullptr ? 600 : 3;
  }
}

}  // namespace cornu::block

namespace cornu {

std::vector<BlockOp> block_ops() {
  using namespace block;
  static constexpr const char* names[] = {
#define CORNU_BLOCK_STRING(name, family) #name,
      CORNU_BLOCK_OPS(CORNU_BLOCK_STRING)
#undef CORNU_BLOCK_STRING
  };
  std::vector<BlockOp> all;
  for (int code = 0; code < public_ops; ++code) {
    std::uint32_t dtypes = 0;
    for (int d = 0; d < dtype_count; ++d) {
      // Every dtype that can be cast at all can be cast to float32.
      if (find(static_cast<Op>(code), static_cast<Dtype>(d), Form{}, Dtype::float32)) {
        dtypes |= 1u << d;
      }
    }
    all.push_back({names[code], code, dtypes});
  }
  return all;
}

}  // namespace cornu
