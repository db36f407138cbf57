// What tests of failing allocations need. Compiled with CORNU_TEST_HOOKS only.
#pragma once

#include <cstdint>

namespace cornu {

#if defined(CORNU_TEST_HOOKS)

// Lets the n-th allocation from now on fail, once; 0: none.
void fail_allocation(std::int64_t n);

// How many allocations there were since then.
std::int64_t allocations();

// Counts an allocation; whether it shall fail.
bool allocation_fails();

#else

constexpr bool allocation_fails() { return false; }

#endif

}  // namespace cornu
