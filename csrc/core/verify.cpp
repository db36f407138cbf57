#include "core/verify.h"

#include <algorithm>
#include <cstdint>

namespace cornu {
namespace {

constexpr std::int64_t cache_line = 64;

// The first and one past the last element that an operand touches, counted from its offset.
struct Extent {
  std::int64_t low = 0;
  std::int64_t high = 0;  // equal to `low` where there is no element
};

// Elements of an operand are bounded by what its buffer has, and so every product below by 2^88:
// they are made only after a comparison has shown that they are small.
Extent extent_of(const Operand& operand, std::int64_t count) {
  Extent extent;
  for (int i = 0; i < operand.rank; ++i) {
    if (operand.shape[i] == 0) return extent;
  }
  for (int i = 0; i < operand.rank; ++i) {
    const std::int64_t steps = operand.shape[i] - 1;
    const std::int64_t stride = operand.strides[i];
    if (steps == 0 || stride == 0) continue;
    require(steps <= count / (stride < 0 ? -stride : stride), "an operand leaves its buffer");
    (stride < 0 ? extent.low : extent.high) += steps * stride;
    require(extent.high <= count && extent.low >= -count, "an operand leaves its buffer");
  }
  ++extent.high;
  return extent;
}

void verify_operand(const Operand& operand, const Buffer& buffer) {
  // Also where another axis is empty: kernels multiply some of the lengths.
  std::int64_t size = 1;
  for (int i = 0; i < operand.rank; ++i) {
    const std::int64_t n = std::max<std::int64_t>(operand.shape[i], 1);
    require(size <= max_elements / n, "an operand has too many elements");
    size *= n;
  }
  const Extent extent = extent_of(operand, buffer.count);
  require(operand.offset + extent.low >= 0 && operand.offset + extent.high <= buffer.count,
          "an operand leaves its buffer");
}

// Two elements at one address would be written in any order. Axes from the shortest stride to the
// longest: each must step over all that the ones before it reach.
void verify_output(const Operand& operand, const Buffer& buffer) {
  require(buffer.kind == Kind::arena || (buffer.kind == Kind::external && buffer.writable),
          "an output lies where nothing may be written");
  if (operand.size() == 0) return;
  struct Axis {
    std::int64_t stride, steps;
  };
  Axis axes[max_rank];
  int n = 0;
  for (int i = 0; i < operand.rank; ++i) {
    if (operand.shape[i] == 1) continue;
    const std::int64_t stride = operand.strides[i];
    const Axis axis{stride < 0 ? -stride : stride, operand.shape[i] - 1};
    int at = n++;
    for (; at > 0 && axes[at - 1].stride > axis.stride; --at) axes[at] = axes[at - 1];
    axes[at] = axis;
  }
  std::int64_t reach = 0;
  for (int i = 0; i < n; ++i) {
    require(axes[i].stride > reach, "two elements of an output have one address");
    reach += axes[i].stride * axes[i].steps;
  }
}

void verify_buffer(const Buffer& buffer, std::int64_t arena_bytes,
                   const std::vector<Span>& constants) {
  require(buffer.writable == false || buffer.kind == Kind::external,
          "only external buffers have flags");
  if (buffer.kind == Kind::external) {
    require(buffer.place < max_externals, "an external buffer's number is out of range");
  } else if (buffer.kind == Kind::constant) {
    require(buffer.place < static_cast<std::int64_t>(constants.size()),
            "a constant isn't in the list of constants");
    const Span& constant = constants[static_cast<std::size_t>(buffer.place)];
    require(constant.bytes == buffer.bytes(), "a constant has another size than its buffer");
    require(reinterpret_cast<std::uintptr_t>(constant.data) % size_of(buffer.dtype) == 0,
            "a constant isn't aligned to its elements");
  } else {
    require(buffer.place % cache_line == 0, "an arena offset isn't a multiple of 64");
    require(buffer.bytes() <= arena_bytes && buffer.place <= arena_bytes - buffer.bytes(),
            "a buffer leaves the arena");
  }
}

// Where an operand lies: bytes of the arena, or of one external or constant.
struct Region {
  Kind kind = Kind::arena;
  std::int64_t place = 0;
  std::int64_t begin = 0;
  std::int64_t end = 0;
};

Region region_of(const Operand& operand, const std::vector<Buffer>& buffers) {
  const Buffer& buffer = buffers[static_cast<std::size_t>(operand.buffer)];
  const Extent extent = extent_of(operand, buffer.count);
  const std::int64_t size = static_cast<std::int64_t>(size_of(buffer.dtype));
  const bool arena = buffer.kind == Kind::arena;
  const std::int64_t base = arena ? buffer.place : 0;
  return {buffer.kind, arena ? 0 : buffer.place, base + (operand.offset + extent.low) * size,
          base + (operand.offset + extent.high) * size};
}

bool overlap(const Region& a, const Region& b) {
  return a.kind == b.kind && a.place == b.place && a.begin < b.end && b.begin < a.end &&
         a.begin != a.end && b.begin != b.end;
}

bool alike(const Operand& a, const Region& where_a, const Operand& b, const Region& where_b) {
  if (where_a.begin != where_b.begin || where_a.end != where_b.end) return false;
  if (size_of(a.dtype) != size_of(b.dtype)) return false;
  if (a.contiguous() && b.contiguous()) return a.size() == b.size();  // in whatever shape
  return a.rank == b.rank && std::equal(a.shape, a.shape + a.rank, b.shape) &&
         std::equal(a.strides, a.strides + a.rank, b.strides);
}

}  // namespace

void verify(const Decoded& plan, const std::vector<Span>& constants) {
  for (const Buffer& buffer : plan.buffers) verify_buffer(buffer, plan.arena_bytes, constants);
  for (const DecodedInstruction& instruction : plan.instructions) {
    for (const Operand& operand : instruction.description.inputs) {
      verify_operand(operand, plan.buffers[static_cast<std::size_t>(operand.buffer)]);
    }
    for (const Operand& operand : instruction.description.outputs) {
      const Buffer& buffer = plan.buffers[static_cast<std::size_t>(operand.buffer)];
      verify_operand(operand, buffer);
      verify_output(operand, buffer);
    }
  }
}

void verify_aliases(const Description& description, const std::vector<Buffer>& buffers,
                    const Kernel& kernel) {
  const std::vector<Operand>& outputs = description.outputs;
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const Region output = region_of(outputs[i], buffers);
    for (std::size_t j = 0; j < i; ++j) {
      require(!overlap(output, region_of(outputs[j], buffers)), "two outputs share memory");
    }
    for (std::size_t j = 0; j < description.inputs.size(); ++j) {
      const Operand& operand = description.inputs[j];
      const bool may_alias = kernel.may_alias && (kernel.alias == Kernel::any_input ||
                                                  static_cast<std::size_t>(kernel.alias) == j);
      const Region input = region_of(operand, buffers);
      require(!overlap(output, input) || (may_alias && alike(outputs[i], output, operand, input)),
              "an output shares memory with an input");
    }
  }
}

}  // namespace cornu
