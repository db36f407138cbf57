#include "tests/words.h"

#include "core/denormals.h"
#include "core/memory.h"
#include "core/opcodes.h"
#include "core/plan.h"
#include "core/runner.h"

namespace cornu {

// The one kernel that needs Python.
std::unique_ptr<Kernel> make_python(const Description&) {
  throw PlanError("this program has no Python");
}

namespace tests {
namespace {

constexpr std::int64_t external_kind = 0, arena_kind = 2;

std::int64_t number_of(const std::string& name) {
  const std::vector<Opcode>& list = opcodes();
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (list[i].name == name) return static_cast<std::int64_t>(i);
  }
  throw PlanError("there is no kernel " + name);
}

void append(std::vector<std::int64_t>& words, const std::vector<std::int64_t>& more) {
  words.insert(words.end(), more.begin(), more.end());
}

class NoHost final : public Host {
 public:
  void call(std::int64_t, const Description&, char* const*) override {}
  void check() override {}
};

}  // namespace

int Words::whole(const Shape& shape) {
  Shape strides(shape.size());
  std::int64_t step = 1;
  for (std::size_t i = shape.size(); i-- > 0; step *= shape[i]) strides[i] = step;
  parts_.push_back({buffer_count_++, shape, strides});
  return static_cast<int>(parts_.size()) - 1;
}

std::int64_t size_of_shape(const Shape& shape) {
  std::int64_t size = 1;
  for (const std::int64_t n : shape) size *= n;
  return size;
}

int Words::external(Dtype dtype, const Shape& shape, bool writable) {
  append(buffers_, {external_kind, static_cast<std::int64_t>(dtype), size_of_shape(shape),
                    externals_++, writable ? 1 : 0});
  return whole(shape);
}

int Words::view(int operand, const Shape& shape, const Shape& strides) {
  parts_.push_back({parts_[static_cast<std::size_t>(operand)].buffer, shape, strides});
  return static_cast<int>(parts_.size()) - 1;
}

int Words::arena(Dtype dtype, const Shape& shape) {
  const std::int64_t count = size_of_shape(shape);
  append(buffers_, {arena_kind, static_cast<std::int64_t>(dtype), count, arena_bytes_, 0});
  arena_bytes_ += static_cast<std::int64_t>(
      aligned(static_cast<std::size_t>(count) * cornu::size_of(dtype)));
  return whole(shape);
}

void Words::instruction(const std::string& opcode, std::initializer_list<int> inputs,
                        std::initializer_list<int> outputs, const Shape& attributes,
                        std::initializer_list<int> bodies) {
  const auto count = [](std::size_t n) { return static_cast<std::int64_t>(n); };
  append(instructions_, {number_of(opcode), 0, count(inputs.size()), count(outputs.size()),
                         count(attributes.size()), count(bodies.size())});
  for (const std::initializer_list<int>& list : {inputs, outputs}) {
    for (const int operand : list) {
      const Part& part = parts_[static_cast<std::size_t>(operand)];
      append(instructions_, {part.buffer, 0, count(part.shape.size())});
      append(instructions_, part.shape);
      append(instructions_, part.strides);
    }
  }
  append(instructions_, attributes);
  for (const int body : bodies) instructions_.push_back(body);
  ++instruction_count_;
}

int Words::body(const Words& plan) {
  nested_.push_back(plan.encode());
  return static_cast<int>(nested_.size()) - 1;
}

std::vector<std::int64_t> Words::encode() const {
  std::vector<std::int64_t> words = {0x636f726e75, 1, buffer_count_};
  append(words, buffers_);
  append(words, {arena_bytes_, instruction_count_});
  append(words, instructions_);
  words.push_back(static_cast<std::int64_t>(nested_.size()));
  for (const std::vector<std::int64_t>& plan : nested_) {
    words.push_back(static_cast<std::int64_t>(plan.size()));
    append(words, plan);
  }
  return words;
}

void Words::run(std::initializer_list<void*> externals) const {
  const std::vector<std::int64_t> words = encode();
  const std::shared_ptr<const Plan> plan = Plan::build(words.data(), words.size(), {});
  NoHost host;
  Runner runner(plan->scratch_bytes(), plan->wide(), &host);
  const Memory frame = zeroed(plan->frame_bytes());
  plan->prepare(frame.get());
  std::size_t i = 0;
  for (void* address : externals) plan->place(frame.get(), i++, static_cast<char*>(address));
  const Flush flush;
  runner.begin();
  plan->run(frame.get(), runner, true);
}

}  // namespace tests
}  // namespace cornu
