// Batches: rows of an array that the caller has, in the order of a list of row numbers.
#pragma once

#include <cstdint>
#include <vector>

#include "core/types.h"

namespace cornu {

// What happens to a row's elements on their way.
struct RowKind {
  const char* name;  // "copy", or "from->to"
  Dtype from, to;    // of no meaning for a copy
  void (*convert)(const char* from, char* to, std::int64_t count);
};

// A kind is a place in this list; the first is a copy.
const std::vector<RowKind>& row_kinds();

// Rows of one array, and where they go.
struct Rows {
  const char* source = nullptr;
  std::int64_t count = 0;        // rows of the source
  std::int64_t source_bytes = 0;  // of one row
  std::int64_t target_bytes = 0;
  std::int64_t elements = 0;
  const RowKind* kind = nullptr;
  char* target = nullptr;

  // Throws PlanError unless all of `order` are rows of the source.
  void check(const std::int64_t* order, std::int64_t batch) const;

  // Rows order[begin..end) to places begin.. of the target.
  void gather(const std::int64_t* order, std::int64_t begin, std::int64_t end) const;
};

// Whether the rows follow each other, so that they may be used where they are.
bool consecutive(const std::int64_t* order, std::int64_t batch);

}  // namespace cornu
