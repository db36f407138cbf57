// How many processors this process may use.
#pragma once

namespace cornu {

// By the threads' affinity and the quota of the container, at least 1. CORNU_NUM_THREADS overrides
// both.
int usable_processors();

}  // namespace cornu
