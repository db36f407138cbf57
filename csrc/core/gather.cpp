#include "core/gather.h"

#include <cstring>

namespace cornu {

void gather(const Operand& operand, const char* from, char* to) {
  const std::int64_t size = static_cast<std::int64_t>(size_of(operand.dtype));
  const std::int64_t count = operand.size();
  if (operand.contiguous()) {
    if (count > 0) std::memcpy(to, from, static_cast<std::size_t>(count * size));
    return;
  }
  std::int64_t index[max_rank] = {};
  for (std::int64_t i = 0; i < count; ++i) {
    std::int64_t offset = 0;
    for (int axis = 0; axis < operand.rank; ++axis) offset += index[axis] * operand.strides[axis];
    std::memcpy(to + i * size, from + offset * size, static_cast<std::size_t>(size));
    for (int axis = operand.rank - 1; axis >= 0; --axis) {
      if (++index[axis] < operand.shape[axis]) break;
      index[axis] = 0;
    }
  }
}

}  // namespace cornu
