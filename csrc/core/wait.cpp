#include "core/wait.h"

#if defined(__linux__)
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>
#else
#include <condition_variable>
#include <mutex>
#include <new>
#endif

namespace cornu {

#if defined(__linux__)

static_assert(sizeof(std::atomic<std::uint32_t>) == 4, "a futex has four bytes");

void wait_while(std::atomic<std::uint32_t>& number, std::uint32_t seen) {
  syscall(SYS_futex, &number, FUTEX_WAIT_PRIVATE, seen, nullptr, nullptr, 0);
}

void wake(std::atomic<std::uint32_t>& number, int count) {
  syscall(SYS_futex, &number, FUTEX_WAKE_PRIVATE, count, nullptr, nullptr, 0);
}

void forget_sleepers() {}

#else

namespace {

// One bed for all: the few threads there are look at their own number when they wake.
struct Bed {
  std::mutex mutex;
  std::condition_variable woken;
};

alignas(Bed) char memory[sizeof(Bed)];
Bed* bed = new (memory) Bed;  // never destroyed: workers may outlive static objects

}  // namespace

void wait_while(std::atomic<std::uint32_t>& number, std::uint32_t seen) {
  std::unique_lock<std::mutex> lock(bed->mutex);
  if (number.load() == seen) bed->woken.wait(lock);
}

void wake(std::atomic<std::uint32_t>&, int) {
  { const std::lock_guard<std::mutex> lock(bed->mutex); }  // nobody is between look and sleep
  bed->woken.notify_all();
}

void forget_sleepers() { bed = new (memory) Bed; }

#endif

}  // namespace cornu
