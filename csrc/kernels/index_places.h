// Indices as data: checked and wrapped in a first phase, all of them before anything is written.
#pragma once

#include <cstdint>
#include <string>

#include "kernels/dispatch.h"
#include "kernels/units.h"

namespace cornu {

// Turns index vectors of k integers each into flat places, as 64-bit integers in the workspace.
// Negative indices count from the end.
class Places {
 public:
  // `indices`: contiguous, (..., k) for bounds of k axes. Place = sum of index * stride.
  Places(const Operand& indices, int number, const std::int64_t* bounds, int k)
      : number_(number), dtype_(indices.dtype), k_(k) {
    require(is_integer(dtype_), "indices must have an integer dtype");
    count_ = 1;
    for (int i = 0; i < indices.rank; ++i) count_ *= indices.shape[i];
    if (k == 0) {
      count_ = product(indices.shape, 0, indices.rank - 1);
    } else {
      count_ /= k;
    }
    std::int64_t stride = 1;
    for (int i = k - 1; i >= 0; --i) {
      bounds_[i] = bounds[i];
      strides_[i] = stride;
      stride *= bounds[i];
    }
    units_ = cut(count_, 8.0 + k * static_cast<double>(size_of(dtype_)));
  }

  std::int64_t count() const { return count_; }
  std::int64_t units() const { return units_.count(); }
  std::size_t workspace() const { return bytes(count_, sizeof(std::int64_t)); }
  static const std::int64_t* in(const Context& context) {
    return reinterpret_cast<const std::int64_t*>(context.workspace);
  }

  void find(const Context& context, std::int64_t begin, std::int64_t end) const {
    auto* places = reinterpret_cast<std::int64_t*>(context.workspace);
    with_index(dtype_, [&](auto zero) {
      using T = decltype(zero);
      const T* indices = reinterpret_cast<const T*>(context.operands[number_]);
      if (k_ == 1) {
        find_one(indices, places, units_.first(begin), units_.first(end));
      } else {
        find_many(indices, places, units_.first(begin), units_.first(end));
      }
    });
  }

 private:
  template <typename T>
  void find_one(const T* indices, std::int64_t* places, std::int64_t from, std::int64_t to) const {
    const std::int64_t bound = bounds_[0];
    bool wrong = false;
    for (std::int64_t i = from; i < to; ++i) {
      auto index = static_cast<std::int64_t>(indices[i]);
      index += index < 0 ? bound : 0;
      wrong |= index < 0 || index >= bound;
      places[i] = index;
    }
    if (wrong) fail(indices + from, to - from);
  }

  template <typename T>
  void find_many(const T* indices, std::int64_t* places, std::int64_t from, std::int64_t to) const {
    for (std::int64_t i = from; i < to; ++i) {
      std::int64_t place = 0;
      bool wrong = false;
      for (int j = 0; j < k_; ++j) {
        auto index = static_cast<std::int64_t>(indices[i * k_ + j]);
        index += index < 0 ? bounds_[j] : 0;
        wrong |= index < 0 || index >= bounds_[j];
        place += wrong ? 0 : index * strides_[j];
      }
      if (wrong) fail(indices + i * k_, 1);
      places[i] = place;
    }
  }

  template <typename T>
  [[noreturn]] void fail(const T* indices, std::int64_t vectors) const {
    for (std::int64_t i = 0; i < vectors * k_; ++i) {
      auto index = static_cast<std::int64_t>(indices[i]);
      std::int64_t bound = bounds_[i % k_];
      if (index >= -bound && index < bound) continue;
      throw DataError("index " + std::to_string(index) + " is out of range for axis " +
                      std::to_string(i % k_) + " of size " + std::to_string(bound));
    }
    throw DataError("an index is out of range");
  }

  int number_;  // of the operand
  Dtype dtype_;
  int k_;
  std::int64_t count_ = 0;  // index vectors
  std::int64_t bounds_[max_rank] = {};
  std::int64_t strides_[max_rank] = {};
  Units units_;
};

}  // namespace cornu
