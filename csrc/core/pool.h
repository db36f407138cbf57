// The threads that help with a kernel's units.
//
// A region of work is cut into tickets. Whoever is free takes the next one: the workers, and the
// caller too, so that a worker which the system doesn't run is never waited for unless it holds a
// ticket. One 64-bit word says it all: epoch, number of tickets, next ticket. A ticket is taken by
// one compare-exchange of that word, and only then is the region read, so that nobody can take a
// ticket of one region and do the work of another.
#pragma once

#include <atomic>
#include <cstdint>
#include <exception>
#include <mutex>
#include <vector>

namespace cornu {

class Pool {
 public:
  static constexpr int max_threads = 256;
  static constexpr int max_tickets = 1024;

  // Does ticket `ticket` on thread number `thread`; the caller is number 0.
  using Work = void (*)(const void* region, int ticket, int thread);

  // The one of this process. It is never destroyed.
  static Pool& get();

  // Does tickets 0..count-1, each once, by up to `threads()` threads, and throws what the lowest
  // ticket that failed threw. False, and nothing done, if the pool is busy with another caller's
  // region or has more than `most_threads`: then do the work alone.
  bool run(int count, int most_threads, Work work, const void* region);

  int threads() const { return threads_.load(std::memory_order_relaxed); }

  // Takes effect with the next region.
  void set_threads(int count);

  // Grows with each fork: in the child everything that threads held is stale.
  static std::uint32_t generation();

 private:
  Pool();
  void start();
  void stop();
  void forget();
  void work_on(int thread);
  bool take(int thread);
  void do_ticket(int ticket, int thread);
  void wait_for(std::uint32_t count);

  friend void after_fork();

  alignas(64) std::atomic<std::uint64_t> word_{0};
  alignas(64) std::atomic<std::uint32_t> done_{0};   // tickets of this region
  std::atomic<std::uint32_t> caller_sleeps_{0};
  alignas(64) std::atomic<std::uint32_t> bell_{0};   // changed to wake workers
  std::atomic<std::uint32_t> sleepers_{0};
  std::atomic<bool> stopping_{false};

  // The region: written by the caller while no ticket is out.
  alignas(64) Work work_ = nullptr;
  const void* region_ = nullptr;

  std::atomic<bool> busy_{false};
  std::atomic<int> threads_;
  struct Workers;
  Workers* workers_ = nullptr;

  std::mutex failing_;
  int failed_ticket_ = 0;
  std::exception_ptr failure_;
};

}  // namespace cornu
