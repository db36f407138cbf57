#include "core/test_hooks.h"

#if defined(CORNU_TEST_HOOKS)

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <new>

namespace cornu {
namespace {

std::atomic<std::int64_t> seen{0};
std::atomic<std::int64_t> failing{0};
std::atomic<std::int64_t> shared{0};

bool is_fine() {
  const char* asked = std::getenv("CORNU_GRAIN");
  return asked != nullptr && std::strcmp(asked, "fine") == 0;
}

}  // namespace

void fail_allocation(std::int64_t n) {
  seen.store(0);
  failing.store(n);
}

std::int64_t allocations() { return seen.load(); }

bool allocation_fails() {
  const std::int64_t number = seen.fetch_add(1) + 1;
  return number == failing.load();
}

double grain() {
  static const double factor = is_fine() ? 1.0 / 1024 : 1;
  return factor;
}

std::int64_t regions() { return shared.load(); }

void count_region() { shared.fetch_add(1); }

}  // namespace cornu

// This module's `new`; the other forms call these.
void* operator new(std::size_t bytes) {
  void* data = cornu::allocation_fails() ? nullptr : std::malloc(bytes == 0 ? 1 : bytes);
  if (data == nullptr) throw std::bad_alloc();
  return data;
}

void operator delete(void* data) noexcept { std::free(data); }
void operator delete(void* data, std::size_t) noexcept { std::free(data); }

#endif
