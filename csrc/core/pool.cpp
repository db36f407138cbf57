#include "core/pool.h"

#include <algorithm>
#include <chrono>
#include <new>
#include <system_error>
#include <thread>
#include <utility>

#include "core/denormals.h"
#include "core/processors.h"
#include "core/test_hooks.h"
#include "core/wait.h"

#if !defined(_WIN32)
#include <pthread.h>
#include <signal.h>
#endif

namespace cornu {
namespace {

using Clock = std::chrono::steady_clock;

// Longer spinning of workers lost beside other busy processes: a worker that burnt its slice isn't
// running when work comes. The caller has nothing better to do.
constexpr auto worker_spins = std::chrono::microseconds(5);
constexpr auto caller_spins = std::chrono::microseconds(200);
constexpr int looks_per_clock = 16;

constexpr std::uint64_t word_of(std::uint64_t epoch, std::uint64_t count) {
  return epoch << 32 | count << 16;
}
constexpr std::uint32_t epoch_of(std::uint64_t word) {
  return static_cast<std::uint32_t>(word >> 32);
}
constexpr int count_of(std::uint64_t word) { return static_cast<int>(word >> 16 & 0xffff); }
constexpr int next_of(std::uint64_t word) { return static_cast<int>(word & 0xffff); }
constexpr bool has_ticket(std::uint64_t word) { return next_of(word) < count_of(word); }

std::atomic<std::uint32_t> forks{0};

// Looks until `found` or the time is over.
template <typename Found>
bool spin(std::chrono::microseconds time, Found found) {
  const Clock::time_point end = Clock::now() + time;
  do {
    for (int i = 0; i < looks_per_clock; ++i) {
      if (found()) return true;
      pause();
    }
  } while (Clock::now() < end);
  return found();
}

// Signals are Python's, on its main thread.
struct SignalsBlocked {
#if !defined(_WIN32)
  SignalsBlocked() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
  }
  ~SignalsBlocked() { pthread_sigmask(SIG_SETMASK, &before, nullptr); }
  sigset_t before;
#endif
};

}  // namespace

struct Pool::Workers {
  std::vector<std::thread> threads;
};

void after_fork() {
  forks.fetch_add(1);
  forget_sleepers();
  Pool::get().forget();
}

Pool& Pool::get() {
  static Pool* pool = new Pool;
  return *pool;
}

Pool::Pool() : threads_(usable_processors()) {
#if !defined(_WIN32)
  pthread_atfork(nullptr, nullptr, after_fork);
#endif
}

std::uint32_t Pool::generation() { return forks.load(std::memory_order_relaxed); }

bool Pool::run(int count, int most_threads, Work work, const void* region) {
  if (busy_.exchange(true, std::memory_order_acquire)) return false;
  struct Release {
    std::atomic<bool>& busy;
    ~Release() { busy.store(false, std::memory_order_release); }
  } release{busy_};
  if (threads() > most_threads || threads() < 2) return false;
  if (workers_ == nullptr) start();
  work_ = work;
  region_ = region;
  done_.store(0, std::memory_order_relaxed);
  const std::uint32_t epoch = epoch_of(word_.load(std::memory_order_relaxed)) + 1;
  // Sequentially consistent, as the workers' going to sleep: either this sees the sleeper, or the
  // sleeper sees the word.
  word_.store(word_of(epoch, static_cast<std::uint64_t>(count)));
  if (sleepers_.load() > 0) {
    bell_.fetch_add(1);
    wake(bell_, std::min(count - 1, max_threads));
  }
  count_region();
  while (take(0)) {
  }
  wait_for(static_cast<std::uint32_t>(count));
  if (failure_ != nullptr) std::rethrow_exception(std::exchange(failure_, nullptr));
  return true;
}

// Takes a ticket and does it; false if there is none.
bool Pool::take(int thread) {
  std::uint64_t word = word_.load(std::memory_order_acquire);
  do {
    if (!has_ticket(word)) return false;
  } while (!word_.compare_exchange_weak(word, word + 1, std::memory_order_acq_rel,
                                        std::memory_order_acquire));
  do_ticket(next_of(word), thread);
  done_.fetch_add(1);
  if (thread != 0 && caller_sleeps_.load() != 0) wake(done_, 1);
  return true;
}

void Pool::do_ticket(int ticket, int thread) {
  try {
    work_(region_, ticket, thread);
  } catch (...) {
    const std::lock_guard<std::mutex> lock(failing_);
    if (failure_ == nullptr || ticket < failed_ticket_) {
      failure_ = std::current_exception();
      failed_ticket_ = ticket;
    }
  }
}

void Pool::wait_for(std::uint32_t count) {
  if (spin(caller_spins, [&] { return done_.load(std::memory_order_acquire) == count; })) return;
  caller_sleeps_.store(1);
  for (std::uint32_t done = done_.load(); done != count; done = done_.load()) {
    wait_while(done_, done);
  }
  caller_sleeps_.store(0);
}

void Pool::work_on(int thread) {
  const Flush flush;
  while (!stopping_.load(std::memory_order_acquire)) {
    if (take(thread)) continue;
    const auto found = [this] { return has_ticket(word_.load(std::memory_order_acquire)); };
    if (spin(worker_spins, found)) continue;
    sleepers_.fetch_add(1);
    const std::uint32_t bell = bell_.load();
    if (!has_ticket(word_.load()) && !stopping_.load()) wait_while(bell_, bell);
    sleepers_.fetch_sub(1);
  }
}

// Called with the pool taken. A machine that has no more threads gets by with fewer.
void Pool::start() {
  const SignalsBlocked blocked;
  workers_ = new Workers;
  workers_->threads.reserve(static_cast<std::size_t>(threads()));
  try {
    for (int i = 1; i < threads(); ++i) {
      workers_->threads.emplace_back([this, i] { work_on(i); });
    }
  } catch (const std::system_error&) {
  }
}

void Pool::stop() {
  if (workers_ == nullptr) return;
  stopping_.store(true);
  bell_.fetch_add(1);
  wake(bell_, max_threads);
  for (std::thread& thread : workers_->threads) thread.join();
  stopping_.store(false);
  delete workers_;
  workers_ = nullptr;
}

void Pool::set_threads(int count) {
  while (busy_.exchange(true, std::memory_order_acquire)) std::this_thread::yield();
  stop();
  threads_.store(std::min(std::max(count, 1), max_threads));
  busy_.store(false, std::memory_order_release);
}

// In the child of a fork, where only the thread that forked is left: whatever the others did is
// over. Their handles are leaked, since they can't be joined.
void Pool::forget() {
  workers_ = nullptr;
  word_.store(word_of(epoch_of(word_.load()) + 1, 0));
  done_.store(0);
  caller_sleeps_.store(0);
  sleepers_.store(0);
  stopping_.store(false);
  new (&failing_) std::mutex;
  new (&failure_) std::exception_ptr;
  busy_.store(false);
}

}  // namespace cornu
