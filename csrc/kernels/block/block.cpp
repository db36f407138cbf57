// The kernel `block`: runs a small program on a domain of rows x columns, block by block, so that
// what its operations pass to each other stays in the first-level cache.
//
// Attributes: [rows, cols, registers, prologue, body, results (how many of each), then
//   registers (kind, dtype, storage, index), operations (code, dst, a, b, c), of the prologue and
//   the body, results (kind, source, output)]; see program.h and verify.cpp.
#include <algorithm>
#include <cstring>

#include "core/kernel.h"
#include "kernels/block/cut.h"
#include "kernels/block/memory.h"
#include "kernels/block/program.h"
#include "kernels/block/results.h"

namespace cornu {
namespace block {
namespace {

constexpr std::size_t most_scratch = std::size_t{1} << 26;

class BlockKernel final : public Kernel {
 public:
  explicit BlockKernel(const Description& description)
      : program_(decode(description)),
        cut_(program_),
        memory_(program_, cut_, description),
        results_(program_, cut_, memory_) {
    merge(program_);
    for (const Operation& o : program_.prologue) prologue_.push_back(step_of(o));
    for (const Operation& o : program_.body) body_.push_back(step_of(o));
    scratch = memory_.scratch();
    require(scratch <= most_scratch, "a block program has too many registers");
    workspace = results_.workspace();
    if (cut_.chunks > 1) {
      workspace += memory_.stored().size() * 8;
      phases[0].units = cut_.chunks;
      if (workspace > 0) phases.push_back({1});
    }
    may_alias = true;  // an element is read before its successor is written at the same place
    estimate(description);
  }

  void run(const Context& context, int phase, std::int64_t begin, std::int64_t end,
           char* scratch_memory) const override {
    if (phase == 1) {
      results_.combine(context.operands, context.workspace);
      const char* saved = context.workspace + results_.workspace();
      for (const Memory::Stored& s : memory_.stored()) {
        std::memcpy(context.operands[s.operand], saved, s.size);
        saved += 8;
      }
      return;
    }
    char** table = memory_.begin(context.operands, scratch_memory);
    for (std::int64_t chunk = begin; chunk < end; ++chunk) {
      run_chunk(context, chunk, table, scratch_memory);
    }
  }

 private:
  // An operation ready to run: places of its registers in the table, and which count it takes.
  struct Step {
    Function function;
    int dst;
    int operands[3];
    int count;  // Kind of the destination
  };

  Step step_of(const Operation& o) const {
    const auto kind = [&](int i) { return program_.registers[static_cast<std::size_t>(i)].kind; };
    const Dtype dtype = dtype_of(program_, o);
    const Register& dst = program_.registers[static_cast<std::size_t>(o.dst)];
    Step step;
    step.dst = o.dst;
    step.count = static_cast<int>(dst.kind);
    for (int i = 0; i < 3; ++i) {
      step.operands[i] = o.operands[i] < 0 ? memory_.nothing() : o.operands[i];
    }
    const bool repeated = o.op == Op::identity && kind(o.operands[0]) != dst.kind;
    step.function =
        find(repeated ? Op::expand : o.op, dtype, form_of(program_, o), dst.dtype);
    return step;
  }

  static void run_steps(const std::vector<Step>& steps, char* const* table,
                        const std::int64_t (&counts)[3], const Block& block) {
    for (const Step& s : steps) {
      s.function(table[s.dst], table[s.operands[0]], table[s.operands[1]], table[s.operands[2]],
                 counts[s.count], block);
    }
  }

  Block block_at(std::int64_t index) const {
    Block b;
    if (cut_.pieces == 1) {
      b.row = index * cut_.block_rows;
      b.rows = std::min(cut_.block_rows, program_.rows - b.row);
      b.cols = program_.cols;
    } else {
      b.row = index / cut_.pieces;
      b.rows = 1;
      b.column = index % cut_.pieces * cut_.block_cols;
      b.cols = std::min(cut_.block_cols, program_.cols - b.column);
    }
    b.count = b.rows * b.cols;
    b.start = b.row * program_.cols + b.column;
    return b;
  }

  void run_chunk(const Context& context, std::int64_t chunk, char** table,
                 char* scratch_memory) const {
    const std::int64_t first = cut_.chunk_begin(chunk);
    const std::int64_t last = cut_.chunk_begin(chunk + 1);
    if (!prologue_.empty()) run_steps(prologue_, table, {1, 1, 1}, Block{});
    Block largest;  // the chunk's first block: a later one may be smaller, never larger
    for (std::int64_t i = first; i < last; ++i) {
      const Block block = block_at(i);
      memory_.enter(table, context.operands, block);
      run_steps(body_, table, {block.count, block.rows, 1}, block);
      memory_.leave(table, context.operands, block);
      if (results_.empty()) continue;
      results_.add(table, scratch_memory, block, i == first);
      if (i == first) largest = block;
    }
    if (!results_.empty()) {
      results_.finish(scratch_memory, context.operands, context.workspace, chunk, largest);
    }
    if (chunk == 0) store_ones(context, table);
  }

  void store_ones(const Context& context, char* const* table) const {
    char* saved = context.workspace + results_.workspace();
    for (const Memory::Stored& s : memory_.stored()) {
      char* target = cut_.chunks == 1 ? context.operands[s.operand] : saved;
      std::memcpy(target, table[s.reg], s.size);
      saved += 8;
    }
  }

  void estimate(const Description& description) {
    double cost = 0;
    for (const Operation& o : program_.body) {
      const Kind kind = program_.registers[static_cast<std::size_t>(o.dst)].kind;
      const double n = kind == Kind::all ? static_cast<double>(program_.cols) : 1.0;
      cost += n * cost_of(o.op, dtype_of(program_, o));
    }
    flops = cost * static_cast<double>(program_.rows);
    for (const auto* operands : {&description.inputs, &description.outputs}) {
      for (const Operand& o : *operands) {
        bytes += static_cast<double>(o.size()) * static_cast<double>(size_of(o.dtype));
      }
    }
  }

  Program program_;
  Cut cut_;
  Memory memory_;
  Results results_;
  std::vector<Step> prologue_;
  std::vector<Step> body_;
};

}  // namespace
}  // namespace block

std::unique_ptr<Kernel> make_block(const Description& description) {
  return std::make_unique<block::BlockKernel>(description);
}

}  // namespace cornu
