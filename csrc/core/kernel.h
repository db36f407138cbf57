// The interface of a kernel: made once for each instruction, checked then, and run many times.
#pragma once

#include <memory>
#include <vector>

#include "core/types.h"

namespace cornu {

// What a kernel gets to run on.
struct Context {
  // Addresses of the operands' first elements (offsets included): inputs, then outputs.
  char* const* operands = nullptr;
  // `Kernel::workspace` bytes, aligned to 64: shared by all threads and phases of this execution;
  // undefined at its start.
  char* workspace = nullptr;
};

// An instruction's code for its shapes. The constructor of a kernel verifies dtypes, ranks, shapes
// and attributes (`require`) and throws PlanError: afterwards `run` trusts them.
//
// Work is cut into units whose number follows from shapes alone, never from the number of threads,
// so that results have the same bits on any number of threads. A unit is worth some 20 to 100
// microseconds if there is that much work. Phases run one after the other, with all units of one
// finished before the next begins. `run` may be called from several threads at once for disjoint
// ranges of units, and mustn't allocate, lock or call Python.
class Kernel {
 public:
  struct Phase {
    std::int64_t units = 1;
  };

  static constexpr int any_input = -1;

  virtual ~Kernel() = default;

  // Does units [begin, end) of a phase. `scratch`: `Kernel::scratch` bytes of this thread alone,
  // aligned to 64, undefined at the start. Throws DataError for wrong data.
  virtual void run(const Context& context, int phase, std::int64_t begin, std::int64_t end,
                   char* scratch) const = 0;

  std::vector<Phase> phases{Phase{}};
  std::size_t workspace = 0;  // bytes
  std::size_t scratch = 0;    // bytes
  double flops = 0;           // of one execution, for the gate of threads and for profiles
  double bytes = 0;           // read and written, at the least
  bool may_alias = false;     // an output may share its memory with an input of equal layout
  int alias = any_input;      // with which one
};

using Make = std::unique_ptr<Kernel> (*)(const Description&);

// Every kernel: X(name). Each has a function make_<name> in csrc/kernels, and an opcode, its place
// in this list; Python asks for the list by name (`core.opcodes()`). The empty line ends it.
#define CORNU_KERNELS(X) \
  X(python)              \
  X(scan)                \
  X(map)                 \
  X(cond)                \
  X(while)               \
  X(block)               \
  X(gemm)                \
  X(conv)                \
  X(conv_grad_input)     \
  X(conv_grad_kernel)    \
  X(copy)                \
  X(full)                \
  X(iota)                \
  X(concatenate)         \
  X(pad)                 \
  X(dynamic_slice)       \
  X(dynamic_update_slice)\
  X(max_pool)            \
  X(pool_scatter)        \
  X(pool_gather)         \
  X(pool_sum)            \
  X(pool_sum_grad)       \
  X(check_labels)        \
  X(take)                \
  X(take_along_axis)     \
  X(gather_nd)           \
  X(scatter_nd)          \
  X(scatter_along_axis)  \
  X(reduce)              \
  X(reduce_place)        \
  X(cumulative)          \
  X(sort)                \
  X(top_k)               \
  X(searchsorted)        \


#define CORNU_DECLARE(name) std::unique_ptr<Kernel> make_##name(const Description& description);
CORNU_KERNELS(CORNU_DECLARE)
#undef CORNU_DECLARE

}  // namespace cornu
