// Reading block programs. What is wrong is found here.
#include "kernels/block/program.h"

#include "kernels/block/verify.h"

namespace cornu::block {
namespace {

constexpr std::int64_t most_items = 1 << 16;  // registers, operations, results, slots

class Words {
 public:
  explicit Words(const std::vector<std::int64_t>& words) : words_(words) {}

  std::int64_t any() {
    require(at_ < words_.size(), "a block program is too short");
    return words_[at_++];
  }
  std::int64_t within(std::int64_t low, std::int64_t end) {
    const std::int64_t word = any();
    require(word >= low && word < end, "a block program has a number out of range");
    return word;
  }
  void finish() const { require(at_ == words_.size(), "a block program is too long"); }

 private:
  const std::vector<std::int64_t>& words_;
  std::size_t at_ = 0;
};

Operation read_operation(Words& words, std::int64_t registers) {
  Operation operation;
  operation.op = static_cast<Op>(words.within(0, public_ops));
  operation.dst = static_cast<int>(words.within(0, registers));
  const int arity = arity_of(operation.op);
  for (int i = 0; i < 3; ++i) {
    operation.operands[i] =
        static_cast<int>(i < arity ? words.within(0, registers) : words.within(-1, 0));
  }
  return operation;
}

}  // namespace

int arity_of(Op op) {
  switch (family_of(op)) {
    case Family::binary_same:
    case Family::binary_truth:
      return 2;
    case Family::select:
    case Family::triple_same:
      return 3;
    case Family::iota:
      return 0;
    default:
      return 1;
  }
}

Form form_of(const Program& program, const Operation& operation) {
  const auto kind = [&](int r) { return program.registers[static_cast<std::size_t>(r)].kind; };
  const auto is = [&](int i, Kind wanted) {
    return operation.operands[i] >= 0 && kind(operation.operands[i]) == wanted;
  };
  const bool blocks = kind(operation.dst) == Kind::all;
  return {is(0, Kind::one), is(1, Kind::one), is(2, Kind::one), blocks && is(0, Kind::row),
          blocks && is(1, Kind::row)};
}

Dtype dtype_of(const Program& program, const Operation& operation) {
  const int by = operation.op == Op::select ? operation.operands[1] : operation.operands[0];
  return program.registers[static_cast<std::size_t>(by < 0 ? operation.dst : by)].dtype;
}

Program decode(const Description& description) {
  Words words(description.attributes);
  Program program;
  constexpr std::int64_t most = std::int64_t{1} << 40;
  program.rows = words.within(0, most);
  program.cols = words.within(0, most);
  require(program.cols == 0 || program.rows <= most / program.cols, "a block program is too large");
  const std::int64_t registers = words.within(0, most_items);
  const std::int64_t prologue = words.within(0, most_items);
  const std::int64_t body = words.within(0, most_items);
  const std::int64_t results = words.within(0, most_items);
  for (std::int64_t i = 0; i < registers; ++i) {
    Register r;
    r.kind = static_cast<Kind>(words.within(0, 3));
    r.dtype = static_cast<Dtype>(words.within(0, dtype_count));
    r.storage = static_cast<Storage>(words.within(0, 5));
    r.index = r.storage == Storage::constant ? words.any() : words.within(0, most_items);
    program.registers.push_back(r);
  }
  for (std::int64_t i = 0; i < prologue; ++i) {
    program.prologue.push_back(read_operation(words, registers));
  }
  for (std::int64_t i = 0; i < body; ++i) program.body.push_back(read_operation(words, registers));
  const auto operands =
      static_cast<std::int64_t>(description.inputs.size() + description.outputs.size());
  for (std::int64_t i = 0; i < results; ++i) {
    Result result;
    const std::int64_t kind = words.within(0, 6);
    result.fold = static_cast<Fold>(kind / 2);
    result.column = kind % 2 == 1;
    result.source = static_cast<int>(words.within(0, registers));
    result.output = words.within(0, operands);
    program.results.push_back(result);
  }
  words.finish();
  verify(program, description);
  return program;
}

}  // namespace cornu::block
