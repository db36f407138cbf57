// Sums over a batch, each chunk of it into memory of its own, added in the chunks' order.
#pragma once

#include <algorithm>

#include "kernels/microkernel.h"

namespace cornu {

template <typename T>
class ChunkSums {
 public:
  ChunkSums() = default;
  // The number of chunks follows from the shapes alone: the bits of the sum depend on it.
  ChunkSums(std::int64_t size, std::int64_t batch, std::int64_t chunks)
      : size_(size),
        stride_((size + lanes<T> - 1) / lanes<T> * lanes<T>),
        batch_(batch, (batch + chunks - 1) / chunks) {}

  std::int64_t chunks() const { return batch_.count; }
  std::int64_t begin(std::int64_t chunk) const { return batch_.begin(chunk); }
  std::size_t bytes() const {
    return chunks() > 1 ? std::size_t(chunks() * stride_) * sizeof(T) : 0;
  }
  // Units of the second phase: none if the only chunk's sum is the result.
  std::int64_t units() const { return chunks() > 1 ? (size_ + piece - 1) / piece : 0; }

  T* of(T* workspace, std::int64_t chunk, T* result) const {
    return chunks() > 1 ? workspace + chunk * stride_ : result;
  }

  void add(const T* workspace, std::int64_t unit, T* result) const {
    const std::int64_t end = std::min(size_, (unit + 1) * piece);
    for (std::int64_t i = unit * piece; i < end; i += lanes<T>) {
      Vector<T> sum = load(workspace + i);  // the stride leaves room for the last vector
      for (std::int64_t chunk = 1; chunk < chunks(); ++chunk) {
        sum += load(workspace + chunk * stride_ + i);
      }
      if (i + lanes<T> <= end) {
        store(result + i, sum);
      } else {
        store_part(result + i, sum, static_cast<int>(end - i));
      }
    }
  }

 private:
  static constexpr std::int64_t piece = 8192;

  std::int64_t size_ = 0, stride_ = 0;
  Pieces batch_;
};

}  // namespace cornu
