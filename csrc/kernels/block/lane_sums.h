// Sums of floats lane by lane: the inner loop of reductions over columns and whole domains.
#pragma once

#include <cstdint>

#include "core/simd.h"

namespace cornu::block {

// `count` vectors of lanes, kept in registers while the source goes by.
template <int count>
inline void sum_vectors(float* lane, const float* x, std::int64_t n, std::int64_t period,
                        bool first) {
  constexpr int width = lanes<float>;
  Floats sum[count];
  for (int i = 0; i < count; ++i) sum[i] = load(x + i * width);
  for (std::int64_t at = period; at < n; at += period) {
    for (int i = 0; i < count; ++i) sum[i] += load(x + at + i * width);
  }
  for (int i = 0; i < count; ++i) {
    store(lane + i * width, first ? sum[i] : load(lane + i * width) + sum[i]);
  }
}

// lane[j] += x[j] + x[j + period] + x[j + 2 period] ..., the sum of x first; with `first`, lane[j]
// had nothing yet. n is a multiple of the period.
inline void sum_lanes(float* lane, const float* x, std::int64_t n, std::int64_t period,
                      bool first) {
  constexpr int width = lanes<float>;
  std::int64_t j = 0;
  for (; j + 4 * width <= period; j += 4 * width) {
    sum_vectors<4>(lane + j, x + j, n - j, period, first);
  }
  for (; j + width <= period; j += width) sum_vectors<1>(lane + j, x + j, n - j, period, first);
  for (; j < period; ++j) {
    float sum = x[j];
    for (std::int64_t at = j + period; at < n; at += period) sum += x[at];
    lane[j] = first ? sum : lane[j] + sum;
  }
}

}  // namespace cornu::block
