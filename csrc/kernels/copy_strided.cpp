#include "kernels/copy_strided.h"

#include <cstring>

#include "kernels/copy_tiles.h"
#include "kernels/dispatch.h"

namespace cornu {
namespace {

constexpr std::int64_t line_bytes = 32768;  // of a long line that go into one item
constexpr std::int64_t block = 16;          // lines of the transposed axis in one item
constexpr std::int64_t transposed_piece = 1024;

}  // namespace

StridedCopy::StridedCopy(int rank, const std::int64_t* shape, const std::int64_t* source_strides,
                         const std::int64_t* target_strides, std::size_t element_size)
    : size_(element_size) {
  auto size = static_cast<std::int64_t>(size_);
  if (std::find(shape, shape + rank, 0) != shape + rank) return;  // no items
  for (int i = 0; i < rank; ++i) {
    if (shape[i] == 1) continue;
    require(target_strides[i] != 0, "a copy can't repeat elements of its target");
    outer_.push_back({shape[i], source_strides[i] * size, target_strides[i] * size});
  }
  simplify();
  plan();
}

// Axes in the order of the target's memory, forwards, and merged where both sides are regular.
void StridedCopy::simplify() {
  for (Axis& a : outer_) {
    if (a.target > 0) continue;
    source_start_ += (a.n - 1) * a.source;
    target_start_ += (a.n - 1) * a.target;
    a.source = -a.source;
    a.target = -a.target;
  }
  std::stable_sort(outer_.begin(), outer_.end(),
                   [](const Axis& a, const Axis& b) { return a.target > b.target; });
  std::vector<Axis> merged;
  for (const Axis& a : outer_) {
    if (!merged.empty() && merged.back().source == a.source * a.n &&
        merged.back().target == a.target * a.n) {
      merged.back() = {merged.back().n * a.n, a.source, a.target};
    } else {
      merged.push_back(a);
    }
  }
  outer_ = merged;
}

void StridedCopy::plan() {
  auto size = static_cast<std::int64_t>(size_);
  line_ = {1, size, size};
  if (!outer_.empty()) {
    line_ = outer_.back();
    outer_.pop_back();
  }
  if (line_.target == size && line_.source != size && line_.n >= 4) {
    for (std::size_t i = 0; i < outer_.size(); ++i) {
      if (outer_[i].source != size || outer_[i].n < 4) continue;
      transposes_ = true;
      middle_ = outer_[i];
      outer_.erase(outer_.begin() + static_cast<std::ptrdiff_t>(i));
      break;
    }
  }
  std::int64_t rows = 1;
  for (const Axis& a : outer_) rows *= a.n;
  piece_ = transposes_ ? transposed_piece : line_bytes / size;
  pieces_ = (line_.n + piece_ - 1) / piece_;
  piece_ = std::min(piece_, line_.n);
  if (transposes_) blocks_ = (middle_.n + block - 1) / block;
  if (!transposes_ && !outer_.empty()) middle_ = outer_.back();
  items_ = rows * blocks_ * pieces_;
  auto lines = static_cast<double>(transposes_ ? std::min(middle_.n, block) : 1);
  item_bytes_ = 2.0 * static_cast<double>(piece_ * size) * lines;
}

StridedCopy::Place StridedCopy::place(std::int64_t row) const {
  Place p{source_start_, target_start_};
  for (std::size_t i = outer_.size(); i-- > 0;) {
    std::int64_t at = row % outer_[i].n;
    row /= outer_[i].n;
    p.source += at * outer_[i].source;
    p.target += at * outer_[i].target;
  }
  return p;
}

void StridedCopy::run(const char* source, char* target, std::int64_t begin,
                      std::int64_t end) const {
  if (transposes_) {
    for (std::int64_t item = begin; item < end; ++item) transposed(source, target, item);
    return;
  }
  std::int64_t item = begin;
  while (item < end) {
    std::int64_t row = item / pieces_;
    Place p = place(row);
    if (pieces_ > 1) {
      std::int64_t from = (item % pieces_) * piece_;
      lines(source + p.source, target + p.target, 1, from, std::min(piece_, line_.n - from));
      ++item;
    } else {
      std::int64_t rows = std::min(end - item, middle_.n - row % middle_.n);
      lines(source + p.source, target + p.target, rows, 0, line_.n);
      item += rows;
    }
  }
}

// Elements [from, from + count) of `rows` lines one after the other along the middle axis.
void StridedCopy::lines(const char* source, char* target, std::int64_t rows, std::int64_t from,
                        std::int64_t count) const {
  auto size = static_cast<std::int64_t>(size_);
  source += from * line_.source;
  target += from * line_.target;
  if (line_.source == size && line_.target == size && count * size >= 32) {
    for (std::int64_t i = 0; i < rows; ++i) {
      std::memcpy(target + i * middle_.target, source + i * middle_.source, bytes(count, size_));
    }
    return;
  }
  with_bytes(size_, [&](auto zero) {
    using T = decltype(zero);
    for (std::int64_t i = 0; i < rows; ++i) {
      copy_line<T>(source + i * middle_.source, line_.source / size, target + i * middle_.target,
                   line_.target / size, count);
    }
  });
}

// `block` elements of the middle axis, contiguous in the source, against a piece of the line,
// contiguous in the target.
void StridedCopy::transposed(const char* source, char* target, std::int64_t item) const {
  std::int64_t piece = item % pieces_;
  std::int64_t b = item / pieces_ % blocks_;
  Place p = place(item / pieces_ / blocks_);
  std::int64_t from = piece * piece_, count = std::min(piece_, line_.n - from);
  std::int64_t first = b * block, many = std::min(block, middle_.n - first);
  source += p.source + first * middle_.source + from * line_.source;
  target += p.target + first * middle_.target + from * line_.target;
  auto size = static_cast<std::int64_t>(size_);
  with_bytes(size_, [&](auto zero) {
    using T = decltype(zero);
    transpose_tiles<T>(source, line_.source / size, target, middle_.target / size, many, count);
  });
}

void Copies::add(const StridedCopy& copy, int source, std::int64_t source_offset, int target,
                 std::int64_t target_offset) {
  if (copy.items() == 0) return;
  std::int64_t first = parts_.empty() ? 0 : parts_.back().first + parts_.back().units.count();
  Units units = cut(copy.items(), copy.item_bytes());
  parts_.push_back({copy, source, target, source_offset, target_offset, units, first});
  phases[0].units = first + units.count();
  bytes += static_cast<double>(copy.items()) * copy.item_bytes();
}

void Copies::run(const Context& context, int, std::int64_t begin, std::int64_t end, char*) const {
  for (const Part& part : parts_) {
    std::int64_t from = std::max(begin - part.first, std::int64_t{0});
    std::int64_t to = std::min(end - part.first, part.units.count());
    if (from >= to) continue;
    const char* source = context.operands[part.source] + part.source_offset;
    char* target = context.operands[part.target] + part.target_offset;
    if (source == target) continue;  // in place, with the same layout
    part.copy.run(source, target, part.units.first(from), part.units.first(to));
  }
}

}  // namespace cornu
