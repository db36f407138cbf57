#include "kernels/block/results.h"

#include <cstring>
#include <limits>

#include "kernels/dispatch.h"

namespace cornu::block {
namespace {

template <typename T>
T identity_of(Fold fold) {
  using Limits = std::numeric_limits<T>;
  if (fold == Fold::sum) return T{0};
  if (fold == Fold::max) return Limits::has_infinity ? -Limits::infinity() : Limits::lowest();
  return Limits::has_infinity ? Limits::infinity() : Limits::max();
}

std::uint64_t identity_bytes(Fold fold, Dtype dtype) {
  std::uint64_t bytes = 0;
  if (dtype == Dtype::boolean) return fold == Fold::min ? 1 : 0;
  with_number(dtype, [&](auto zero) {
    const auto value = identity_of<decltype(zero)>(fold);
    std::memcpy(&bytes, &value, sizeof value);
  });
  return bytes;
}

Op op_of(Fold fold) {
  return fold == Fold::sum ? Op::add : fold == Fold::max ? Op::maximum : Op::minimum;
}

}  // namespace

Results::Results(const Program& program, const Cut& cut, Memory& memory) : chunks_(cut.chunks) {
  for (const Result& r : program.results) {
    const Register& source = program.registers[static_cast<std::size_t>(r.source)];
    One one;
    one.join = find(op_of(r.fold), source.dtype, Form{}, source.dtype);
    one.source = r.source;
    one.output = r.output;
    one.column = r.column;
    one.of_rows = source.kind == Kind::row;
    one.size = size_of(source.dtype);
    one.identity = identity_bytes(r.fold, source.dtype);
    const std::int64_t most = one.of_rows ? cut.block_rows : cut.elements();
    one.lanes = memory.take(static_cast<std::size_t>(most) * one.size + 64);
    one.length = r.column ? program.cols : 1;
    one.partials = workspace_;
    const std::size_t bytes = static_cast<std::size_t>(one.length) * one.size;
    if (chunks_ > 1) workspace_ += (bytes * static_cast<std::size_t>(chunks_) + 63) / 64 * 64;
    all_.push_back(one);
  }
}

void Results::add(char* const* table, char* scratch, const Block& block, bool first) const {
  for (const One& r : all_) {
    char* lanes = scratch + r.lanes;
    const char* source = table[r.source];
    const std::int64_t n = r.of_rows ? block.rows : block.count;
    if (n == 0) continue;
    if (first) {
      std::memcpy(lanes, source, static_cast<std::size_t>(n) * r.size);
    } else {
      r.join(lanes, lanes, source, nullptr, n, block);
    }
  }
}

void Results::finish(char* scratch, char* const* operands, char* workspace, std::int64_t chunk,
                     const Block& largest) const {
  for (const One& r : all_) {
    char* lanes = scratch + r.lanes;
    const std::size_t bytes = static_cast<std::size_t>(r.length) * r.size;
    char* target = chunks_ == 1
                       ? operands[r.output]
                       : workspace + r.partials + static_cast<std::size_t>(chunk) * bytes;
    // Items of `width` elements are folded in halves until one is left.
    const std::int64_t width = r.column ? r.length : 1;
    std::int64_t items = r.column || r.of_rows ? largest.rows : largest.count;
    if (items == 0) {
      for (std::size_t i = 0; i < bytes; i += r.size) std::memcpy(target + i, &r.identity, r.size);
      continue;
    }
    while (items > 1) {
      const std::int64_t half = (items + 1) / 2;
      const std::size_t offset = static_cast<std::size_t>(half * width) * r.size;
      r.join(lanes, lanes, lanes + offset, nullptr, (items - half) * width, largest);
      items = half;
    }
    std::memcpy(target, lanes, bytes);
  }
}

void Results::combine(char* const* operands, const char* workspace) const {
  for (const One& r : all_) {
    const std::size_t bytes = static_cast<std::size_t>(r.length) * r.size;
    const char* partial = workspace + r.partials;
    char* target = operands[r.output];
    std::memcpy(target, partial, bytes);
    for (std::int64_t i = 1; i < chunks_; ++i) {
      r.join(target, target, partial + static_cast<std::size_t>(i) * bytes, nullptr, r.length,
             Block{});
    }
  }
}

}  // namespace cornu::block
