#include "kernels/block/results.h"

#include <algorithm>
#include <cstring>
#include <limits>

#include "kernels/block/lane_sums.h"
#include "kernels/dispatch.h"

namespace cornu::block {
namespace {

// Some vectors: more sums at a time than an addition takes cycles, and short sums.
constexpr std::int64_t most_lanes = 64;

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

// Rows that make up a period: some vectors, whole ones if that is easy.
std::int64_t rows_of_period(const Cut& cut) {
  std::int64_t rows = 1;
  while (rows * cut.block_cols < most_lanes && rows < cut.block_rows) rows *= 2;
  return std::min(rows, cut.block_rows);
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
    one.sums_floats = r.fold == Fold::sum && source.dtype == Dtype::float32;
    one.size = size_of(source.dtype);
    one.identity = identity_bytes(r.fold, source.dtype);
    one.length = r.column ? program.cols : 1;
    one.period = one.column ? rows_of_period(cut) * cut.block_cols
                            : std::min(most_lanes, one.of_rows ? cut.block_rows : cut.elements());
    one.lanes = memory.take(static_cast<std::size_t>(one.period) * one.size);
    one.partials = workspace_;
    const std::size_t bytes = static_cast<std::size_t>(one.length) * one.size;
    if (chunks_ > 1) workspace_ += (bytes * static_cast<std::size_t>(chunks_) + 63) / 64 * 64;
    all_.push_back(one);
  }
}

void Results::take_in(const One& r, char* lanes, const char* source, std::int64_t n,
                      const Block& block, bool first) {
  const auto bytes = [&](std::int64_t count) { return static_cast<std::size_t>(count) * r.size; };
  std::int64_t i = 0;
  if (r.sums_floats && n >= r.period) {
    i = n - n % r.period;
    sum_lanes(reinterpret_cast<float*>(lanes), reinterpret_cast<const float*>(source), i, r.period,
              first);
  } else if (first) {
    i = std::min(n, r.period);
    std::memcpy(lanes, source, bytes(i));
  }
  for (; i < n; i += r.period) {
    r.join(lanes, lanes, source + bytes(i), nullptr, std::min(n - i, r.period), block);
  }
}

void Results::add(char* const* table, char* scratch, const Block& block, bool first) const {
  for (const One& r : all_) {
    char* lanes = scratch + r.lanes;
    const char* source = table[r.source];
    if (block.count == 0 && !(r.of_rows && block.rows > 0)) continue;
    take_in(r, lanes, source, r.of_rows ? block.rows : block.count, block, first);
  }
}

// Items of `width` elements are folded in halves until one is left.
void Results::fold(const One& r, char* lanes, std::int64_t items, std::int64_t width,
                   const Block& block) {
  while (items > 1) {
    const std::int64_t half = (items + 1) / 2;
    const std::size_t offset = static_cast<std::size_t>(half * width) * r.size;
    r.join(lanes, lanes, lanes + offset, nullptr, (items - half) * width, block);
    items = half;
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
    const std::int64_t taken =
        std::min(r.of_rows ? largest.rows : largest.count, r.period);
    if (taken == 0) {
      for (std::size_t i = 0; i < bytes; i += r.size) std::memcpy(target + i, &r.identity, r.size);
    } else {
      const std::int64_t width = r.column ? r.length : 1;
      fold(r, lanes, taken / width, width, largest);
      std::memcpy(target, lanes, bytes);
    }
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
