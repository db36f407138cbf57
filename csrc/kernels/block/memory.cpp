#include "kernels/block/memory.h"

#include <algorithm>
#include <cstring>
#include <map>
#include <tuple>

namespace cornu::block {
namespace {

constexpr std::size_t alignment = 64;
// Behind every register, so that operations may store whole vectors.
constexpr std::size_t padding = 64;

}  // namespace

std::size_t Memory::take(std::size_t bytes) {
  const std::size_t offset = end_;
  end_ += (bytes + alignment - 1) / alignment * alignment;
  return offset;
}

Memory::Memory(const Program& program, const Cut& cut, const Description& description)
    : nothing_(static_cast<int>(program.registers.size())), rows_(cut.block_rows) {
  take((program.registers.size() + 1) * sizeof(char*));
  const auto inputs = static_cast<std::int64_t>(description.inputs.size());
  std::map<std::tuple<std::int64_t, Kind, std::size_t>, std::size_t> slots;
  for (std::size_t i = 0; i < program.registers.size(); ++i) {
    const Register& r = program.registers[i];
    const int reg = static_cast<int>(i);
    const std::size_t size = size_of(r.dtype);
    const std::size_t bytes = r.kind == Kind::one ? size
                              : r.kind == Kind::row
                                  ? static_cast<std::size_t>(cut.block_rows) * size + padding
                                  : static_cast<std::size_t>(cut.elements()) * size + padding;
    const std::int64_t step = static_cast<std::int64_t>(size);
    switch (r.storage) {
      case Storage::scratch: {
        const auto place = std::make_tuple(r.index, r.kind, size);
        if (!slots.count(place)) slots[place] = take(bytes);
        in_scratch_.push_back({reg, slots[place]});
        break;
      }
      case Storage::constant:
        constants_.push_back({reg, static_cast<std::uint64_t>(r.index)});
        break;
      case Storage::column:
        if (cut.pieces > 1) {
          moving_.push_back({reg, r.index, &Block::column, step});
        } else if (cut.block_rows > 1) {
          in_scratch_.push_back({reg, take(bytes)});
          repeated_.push_back({reg, r.index, static_cast<std::size_t>(cut.block_cols) * size});
        } else {
          fixed_.push_back({reg, r.index, nullptr, 0});
        }
        break;
      case Storage::strided: {
        in_scratch_.push_back({reg, take(bytes)});
        const bool input = r.index < inputs;
        const auto place = static_cast<std::size_t>(input ? r.index : r.index - inputs);
        const Walk walk(input ? description.inputs[place] : description.outputs[place]);
        require(input || !walk.repeats(), "an output can't have the same element twice");
        (input ? gathered_ : scattered_).push_back({reg, r.index, walk});
        break;
      }
      case Storage::bound:
        if (r.kind == Kind::one && r.index >= inputs) {
          in_scratch_.push_back({reg, take(bytes)});
          stored_.push_back({reg, r.index, size});
        } else if (r.kind == Kind::one) {
          fixed_.push_back({reg, r.index, nullptr, 0});
        } else {
          moving_.push_back(
              {reg, r.index, r.kind == Kind::row ? &Block::row : &Block::start, step});
        }
    }
  }
}

char** Memory::begin(char* const* operands, char* scratch) const {
  char** table = reinterpret_cast<char**>(scratch);
  for (const InScratch& r : in_scratch_) table[r.reg] = scratch + r.offset;
  for (const Constant& r : constants_) {
    // Operations only read it.
    table[r.reg] = const_cast<char*>(reinterpret_cast<const char*>(&r.value));
  }
  for (const Bound& r : fixed_) table[r.reg] = operands[r.operand];
  for (const Repeated& r : repeated_) {
    char* p = table[r.reg];
    const std::size_t all = r.row_bytes * static_cast<std::size_t>(rows_);
    if (all > 0) std::memcpy(p, operands[r.operand], r.row_bytes);
    for (std::size_t done = r.row_bytes; done < all; done *= 2) {
      std::memcpy(p + done, p, std::min(done, all - done));
    }
  }
  table[nothing_] = nullptr;
  return table;
}

void Memory::enter(char** table, char* const* operands, const Block& block) const {
  for (const Bound& r : moving_) {
    table[r.reg] = operands[r.operand] + block.*r.position * r.size;
  }
  for (const Strided& r : gathered_) {
    r.walk.gather(operands[r.operand], table[r.reg], block.start, block.count);
  }
}

void Memory::leave(char** table, char* const* operands, const Block& block) const {
  for (const Strided& r : scattered_) {
    r.walk.scatter(operands[r.operand], table[r.reg], block.start, block.count);
  }
}

}  // namespace cornu::block
