#include "core/memory.h"

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <new>

#include "core/test_hooks.h"

namespace cornu {

// `calloc`, because it gets large memory from the system as pages that are zero already and cost
// nothing until they are touched. What it returned lies just before the aligned memory.
Memory zeroed(std::size_t bytes) {
  if (bytes > std::numeric_limits<std::size_t>::max() / 2 || allocation_fails()) {
    throw std::bad_alloc();
  }
  char* block = static_cast<char*>(std::calloc(bytes + alignment + sizeof(char*), 1));
  if (block == nullptr) throw std::bad_alloc();
  const std::uintptr_t start = reinterpret_cast<std::uintptr_t>(block) + sizeof(char*);
  char* data = block + (aligned(start) - reinterpret_cast<std::uintptr_t>(block));
  std::memcpy(data - sizeof(char*), &block, sizeof block);
  return Memory(data);
}

void Free::operator()(char* data) const {
  char* block;
  std::memcpy(&block, data - sizeof(char*), sizeof block);
  std::free(block);
}

}  // namespace cornu
