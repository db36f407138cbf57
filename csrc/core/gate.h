// When threads are worth their cost: measured on two cores, a region that finds its workers asleep
// takes some 20 microseconds more, one that finds them spinning 0.3.
#pragma once

#include <algorithm>

#include "core/pool.h"
#include "core/simd.h"
#include "core/test_hooks.h"

namespace cornu {

// How long work takes one thread, about: what products and element-wise chains were measured at,
// with what they move in cache.
inline double estimated_seconds(double flops, double bytes) {
  constexpr double flops_per_second = vector_bytes >= 32 ? 90e9 : 30e9;
  constexpr double bytes_per_second = 35e9;
  return flops / flops_per_second + bytes / bytes_per_second;
}

// Whether a whole plan may use threads.
inline bool is_wide(double seconds) { return seconds > 100e-6 || grain() < 1; }

// Into how many parts an instruction's phases are cut at the most. Taking a ticket costs up to a
// tenth of a microsecond.
inline int tickets_for(double seconds) {
  constexpr double least = 10e-6;
  constexpr double part = 5e-6;
  if (grain() < 1) return Pool::max_tickets;
  if (seconds <= least) return 1;
  return static_cast<int>(std::min(seconds / part, double{Pool::max_tickets}));
}

}  // namespace cornu
