#include "kernels/block/strided.h"

#include <algorithm>
#include <cstring>

#include "kernels/dispatch.h"

namespace cornu::block {

Walk::Walk(const Operand& operand) : size_(size_of(operand.dtype)) {
  for (int i = 0; i < operand.rank; ++i) {
    if (operand.shape[i] == 1) continue;
    const int last = rank_ - 1;
    if (rank_ > 0 && strides_[last] == operand.strides[i] * operand.shape[i]) {
      shape_[last] *= operand.shape[i];
      strides_[last] = operand.strides[i];
    } else {
      shape_[rank_] = operand.shape[i];
      strides_[rank_++] = operand.strides[i];
    }
  }
  if (rank_ == 0) {
    shape_[0] = 1;
    rank_ = 1;
  }
}

bool Walk::repeats() const {
  for (int i = 0; i < rank_; ++i) {
    if (strides_[i] == 0 && shape_[i] > 1) return true;
  }
  return false;
}

// Calls `move(offset, step, run)` for one stretch of the innermost axis after the other.
template <typename T, typename Move>
void Walk::walk(std::int64_t start, std::int64_t count, Move move) const {
  if (count == 0) return;
  std::int64_t at[max_rank];
  std::int64_t offset = 0;
  for (int i = rank_ - 1; i >= 0; --i) {
    at[i] = start % shape_[i];
    start /= shape_[i];
    offset += at[i] * strides_[i];
  }
  const int inner = rank_ - 1;
  const std::int64_t step = strides_[inner];
  while (true) {
    const std::int64_t run = std::min(count, shape_[inner] - at[inner]);
    move(offset, step, run);
    count -= run;
    if (count == 0) return;
    offset -= at[inner] * step;
    at[inner] = 0;
    for (int i = inner - 1; i >= 0; --i) {
      offset += strides_[i];
      if (++at[i] < shape_[i]) break;
      offset -= shape_[i] * strides_[i];
      at[i] = 0;
    }
  }
}

void Walk::gather(const char* memory, char* block, std::int64_t start, std::int64_t count) const {
  with_bytes(size_, [&](auto zero) {
    using T = decltype(zero);
    const T* from = reinterpret_cast<const T*>(memory);
    T* to = reinterpret_cast<T*>(block);
    walk<T>(start, count, [&](std::int64_t offset, std::int64_t step, std::int64_t run) {
      const T* p = from + offset;
      if (step == 1) {
        std::memcpy(to, p, static_cast<std::size_t>(run) * sizeof(T));
      } else {
        for (std::int64_t i = 0; i < run; ++i) to[i] = p[i * step];
      }
      to += run;
    });
  });
}

void Walk::scatter(char* memory, const char* block, std::int64_t start, std::int64_t count) const {
  with_bytes(size_, [&](auto zero) {
    using T = decltype(zero);
    T* to = reinterpret_cast<T*>(memory);
    const T* from = reinterpret_cast<const T*>(block);
    walk<T>(start, count, [&](std::int64_t offset, std::int64_t step, std::int64_t run) {
      T* p = to + offset;
      if (step == 1) {
        std::memcpy(p, from, static_cast<std::size_t>(run) * sizeof(T));
      } else {
        for (std::int64_t i = 0; i < run; ++i) p[i * step] = from[i];
      }
      from += run;
    });
  });
}

}  // namespace cornu::block
