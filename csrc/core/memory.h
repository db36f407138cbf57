// Memory aligned for vectors.
#pragma once

#include <cstddef>
#include <memory>

namespace cornu {

static_assert(sizeof(std::size_t) == 8, "plans count in 64 bits");

constexpr std::size_t alignment = 64;  // a cache line, and the widest vector

constexpr std::size_t aligned(std::size_t bytes) {
  return (bytes + alignment - 1) / alignment * alignment;
}

struct Free {
  void operator()(char* data) const;
};
using Memory = std::unique_ptr<char[], Free>;

// Zeros, aligned. Throws std::bad_alloc. Large memory isn't touched before it is used.
Memory zeroed(std::size_t bytes);

}  // namespace cornu
