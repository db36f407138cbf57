// Sleeping until a number changes.
#pragma once

#include <atomic>
#include <cstdint>

namespace cornu {

// Sleeps unless `number` isn't `seen` any more. May wake for no reason.
void wait_while(std::atomic<std::uint32_t>& number, std::uint32_t seen);

// Wakes up to `count` of those who sleep on `number`, which has been changed.
void wake(std::atomic<std::uint32_t>& number, int count);

// Tells the processor that a loop only waits.
inline void pause() {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

// In the child of a fork, where nobody sleeps any more.
void forget_sleepers();

}  // namespace cornu
