#include "core/rows.h"

#include <cstring>
#include <limits>
#include <string>

namespace cornu {
namespace {

template <typename From, typename To>
void convert(const char* from, char* to, std::int64_t count) {
  const From* x = reinterpret_cast<const From*>(from);
  To* y = reinterpret_cast<To*>(to);
  for (std::int64_t i = 0; i < count; ++i) y[i] = static_cast<To>(x[i]);
}

void to_int32(const char* from, char* to, std::int64_t count) {
  const std::int64_t* x = reinterpret_cast<const std::int64_t*>(from);
  std::int32_t* y = reinterpret_cast<std::int32_t*>(to);
  bool fits = true;
  for (std::int64_t i = 0; i < count; ++i) {
    y[i] = static_cast<std::int32_t>(x[i]);
    fits &= y[i] == x[i];
  }
  if (fits) return;
  for (std::int64_t i = 0; i < count; ++i) {
    if (y[i] != x[i]) {
      throw PlanError("The value " + std::to_string(x[i]) + " of a batch doesn't fit in int32.");
    }
  }
}

}  // namespace

const std::vector<RowKind>& row_kinds() {
  using D = Dtype;
  static const std::vector<RowKind> list = {
      {"copy", D::uint8, D::uint8, nullptr},
      {"float64->float32", D::float64, D::float32, convert<double, float>},
      {"uint8->float32", D::uint8, D::float32, convert<std::uint8_t, float>},
      {"int64->int32", D::int64, D::int32, to_int32},
      {"int64->float32", D::int64, D::float32, convert<std::int64_t, float>},
      {"int32->float32", D::int32, D::float32, convert<std::int32_t, float>},
      {"bool->float32", D::boolean, D::float32, convert<std::uint8_t, float>},
      {"int8->float32", D::int8, D::float32, convert<std::int8_t, float>},
      {"uint16->float32", D::uint16, D::float32, convert<std::uint16_t, float>},
      {"int16->float32", D::int16, D::float32, convert<std::int16_t, float>},
      {"uint8->int32", D::uint8, D::int32, convert<std::uint8_t, std::int32_t>},
      {"float32->float64", D::float32, D::float64, convert<float, double>},
      {"uint8->float64", D::uint8, D::float64, convert<std::uint8_t, double>},
      {"int64->float64", D::int64, D::float64, convert<std::int64_t, double>},
  };
  return list;
}

void Rows::check(const std::int64_t* order, std::int64_t batch) const {
  bool inside = true;
  for (std::int64_t i = 0; i < batch; ++i) inside &= order[i] >= 0 && order[i] < count;
  if (inside) return;
  for (std::int64_t i = 0; i < batch; ++i) {
    if (order[i] >= 0 && order[i] < count) continue;
    throw PlanError("Row " + std::to_string(order[i]) + " of a batch isn't one of the " +
                    std::to_string(count) + " rows of its source.");
  }
}

void Rows::gather(const std::int64_t* order, std::int64_t begin, std::int64_t end) const {
  if (source_bytes == 0) return;
  for (std::int64_t i = begin; i < end; ++i) {
    const char* from = source + order[i] * source_bytes;
    char* to = target + i * target_bytes;
    if (kind->convert == nullptr) {
      std::memcpy(to, from, static_cast<std::size_t>(source_bytes));
    } else {
      kind->convert(from, to, elements);
    }
  }
}

bool consecutive(const std::int64_t* order, std::int64_t batch) {
  bool so = true;
  for (std::int64_t i = 1; i < batch; ++i) so &= order[i] == order[0] + i;
  return so;
}

}  // namespace cornu
