#include "core/decode.h"

namespace cornu {
namespace {

constexpr std::int64_t magic = 0x636f726e75;
constexpr std::int64_t version = 1;
// Loops within loops: deeper than any program, shallower than a stack.
constexpr int max_depth = 32;

class Reader {
 public:
  Reader(const std::int64_t* words, std::size_t count) : at_(words), end_(words + count) {}

  std::int64_t word() {
    require(at_ != end_, "the words end in the middle of the plan");
    return *at_++;
  }

  std::int64_t between(std::int64_t low, std::int64_t high, const char* what) {
    const std::int64_t value = word();
    require(value >= low && value <= high, what);
    return value;
  }

  // A number of things that take `each` words or more: what the rest can't hold is refused before
  // memory is taken for it.
  std::size_t many(std::int64_t each, const char* what) {
    const std::int64_t count = word();
    require(count >= 0 && count <= left() / each, what);
    return static_cast<std::size_t>(count);
  }

  std::int64_t left() const { return end_ - at_; }

  // No more than are left.
  const std::int64_t* skip(std::size_t words) {
    const std::int64_t* start = at_;
    at_ += words;
    return start;
  }

 private:
  const std::int64_t* at_;
  const std::int64_t* end_;
};

Buffer read_buffer(Reader& in) {
  Buffer buffer;
  buffer.kind = static_cast<Kind>(in.between(0, 2, "a buffer's kind is unknown"));
  buffer.dtype = static_cast<Dtype>(in.between(0, dtype_count - 1, "a buffer's dtype is unknown"));
  buffer.count = in.between(0, max_elements, "a buffer's number of elements is out of range");
  buffer.place = in.between(0, max_elements, "a buffer's place is out of range");
  buffer.writable = in.between(0, 1, "a buffer's flags are unknown") != 0;
  return buffer;
}

Operand read_operand(Reader& in, const std::vector<Buffer>& buffers) {
  Operand operand;
  operand.buffer = static_cast<std::int32_t>(in.between(
      0, static_cast<std::int64_t>(buffers.size()) - 1, "an operand's buffer doesn't exist"));
  operand.dtype = buffers[static_cast<std::size_t>(operand.buffer)].dtype;
  operand.offset = in.between(0, max_elements, "an operand's offset is out of range");
  operand.rank = static_cast<std::int32_t>(in.between(0, max_rank, "an operand has too many axes"));
  for (int i = 0; i < operand.rank; ++i) {
    operand.shape[i] = in.between(0, max_elements, "an operand's shape is out of range");
  }
  for (int i = 0; i < operand.rank; ++i) {
    operand.strides[i] =
        in.between(-max_elements, max_elements, "an operand's strides are out of range");
  }
  return operand;
}

DecodedInstruction read_instruction(Reader& in, const std::vector<Buffer>& buffers) {
  DecodedInstruction instruction;
  instruction.opcode = in.word();
  instruction.late = in.between(0, 1, "an instruction's flags are unknown") != 0;
  const std::size_t inputs = in.many(3, "an instruction has too many inputs");
  const std::size_t outputs = in.many(3, "an instruction has too many outputs");
  const std::size_t attributes = in.many(1, "an instruction has too many attributes");
  const std::size_t nested = in.many(1, "an instruction has too many nested plans");
  Description& description = instruction.description;
  for (std::size_t i = 0; i < inputs; ++i) {
    description.inputs.push_back(read_operand(in, buffers));
  }
  for (std::size_t i = 0; i < outputs; ++i) {
    description.outputs.push_back(read_operand(in, buffers));
  }
  for (std::size_t i = 0; i < attributes; ++i) description.attributes.push_back(in.word());
  for (std::size_t i = 0; i < nested; ++i) instruction.nested.push_back(in.word());
  return instruction;
}

Decoded read_plan(Reader& in, int depth) {
  require(depth < max_depth, "plans are nested too deeply");
  require(in.word() == magic, "these words aren't a plan");
  require(in.word() == version, "the plan is of another version");
  Decoded plan;
  const std::size_t buffers = in.many(5, "there are too many buffers");
  for (std::size_t i = 0; i < buffers; ++i) plan.buffers.push_back(read_buffer(in));
  plan.arena_bytes = in.between(0, max_elements, "the arena's size is out of range");
  const std::size_t instructions = in.many(6, "there are too many instructions");
  for (std::size_t i = 0; i < instructions; ++i) {
    plan.instructions.push_back(read_instruction(in, plan.buffers));
  }
  const std::size_t nested = in.many(1, "there are too many nested plans");
  for (std::size_t i = 0; i < nested; ++i) {
    const std::size_t words = in.many(1, "a nested plan is longer than the words");
    Reader part(in.skip(words), words);
    plan.nested.push_back(read_plan(part, depth + 1));
  }
  require(in.left() == 0, "the words go on after the plan's end");
  return plan;
}

}  // namespace

Decoded decode(const std::int64_t* words, std::size_t count) {
  Reader in(words, count);
  return read_plan(in, 0);
}

}  // namespace cornu
