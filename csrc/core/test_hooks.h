// What only tests need. Compiled with CORNU_TEST_HOOKS only.
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

// What sizes of units are multiplied by, in kernels: with CORNU_GRAIN=fine in the environment next
// to nothing, and threads share even the smallest plan. So tests on a few elements, under a
// sanitizer, see every kernel cut into units that several threads do.
double grain();

// How many regions of work threads have shared so far.
std::int64_t regions();
void count_region();

#else

constexpr bool allocation_fails() { return false; }
constexpr double grain() { return 1; }
inline void count_region() {}

#endif

}  // namespace cornu
