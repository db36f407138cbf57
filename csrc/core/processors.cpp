#include "core/processors.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <string>
#include <thread>

#include "core/pool.h"

#if defined(__linux__)
#include <sched.h>
#endif

namespace cornu {
namespace {

int by_affinity() {
#if defined(__linux__)
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof set, &set) == 0) return CPU_COUNT(&set);
#endif
  return static_cast<int>(std::thread::hardware_concurrency());
}

#if defined(__linux__)

// Processors' worth of time, rounded up, or 0 if there is no limit.
int shares(double quota, double period) {
  if (!(quota > 0 && period > 0)) return 0;
  return std::max(1, static_cast<int>(std::min(quota / period + 0.999, 1e6)));
}

// The second version of control groups: "QUOTA PERIOD" or "max PERIOD".
int quota_in(const std::string& folder) {
  std::ifstream file(folder + "/cpu.max");
  std::string quota;
  double period = 0;
  if (!(file >> quota >> period) || quota == "max") return 0;
  return shares(std::atof(quota.c_str()), period);
}

// The first version has a file for each.
int old_quota() {
  double quota = 0;
  double period = 0;
  const std::string folder = "/sys/fs/cgroup/cpu/cpu.cfs_";
  std::ifstream(folder + "quota_us") >> quota;
  std::ifstream(folder + "period_us") >> period;
  return shares(quota, period);
}

// The smallest limit on the way from this process's group up to the root.
int by_quota() {
  int least = old_quota();
  std::string line;
  std::ifstream groups("/proc/self/cgroup");
  while (std::getline(groups, line)) {
    if (line.compare(0, 3, "0::") != 0) continue;
    std::string path = line.substr(3);
    while (true) {
      const int limit = quota_in("/sys/fs/cgroup" + path);
      if (limit > 0 && (least == 0 || limit < least)) least = limit;
      const std::size_t slash = path.rfind('/');
      if (slash == std::string::npos || path.size() <= 1) break;
      path.resize(std::max<std::size_t>(slash, path[0] == '/' && slash == 0 ? 1 : slash));
    }
  }
  return least;
}

#else

int by_quota() { return 0; }

#endif

}  // namespace

int usable_processors() {
  const char* asked = std::getenv("CORNU_NUM_THREADS");
  const int wished = asked == nullptr ? 0 : std::atoi(asked);
  if (wished > 0) return std::min(wished, Pool::max_threads);
  int count = by_affinity();
  const int quota = by_quota();
  if (quota > 0) count = std::min(count, quota);
  return std::min(std::max(count, 1), Pool::max_threads);
}

}  // namespace cornu
