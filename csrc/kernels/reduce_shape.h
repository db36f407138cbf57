// Any set of axes to take away, brought to few: (prefix, mid, inner), of which mid disappears, inner
// stays, and the prefix has axes of both kinds, mostly one that stays.
#pragma once

#include <cstdint>
#include <vector>

#include "kernels/units.h"

namespace cornu {

struct ReduceShape {
  struct Axis {
    std::int64_t n, stride;
  };
  std::vector<Axis> kept, gone;  // of the prefix
  std::int64_t mid = 1, inner = 1;
  bool empty = false;  // the input has no elements

  std::int64_t outer() const { return count(kept); }

  static std::int64_t count(const std::vector<Axis>& axes) {
    std::int64_t total = 1;
    for (const Axis& a : axes) total *= a.n;
    return total;
  }

  // The place of element i of some axes.
  static std::int64_t place(const std::vector<Axis>& axes, std::int64_t i) {
    std::int64_t at = 0;
    for (std::size_t k = axes.size(); k-- > 1;) {
      at += i % axes[k].n * axes[k].stride;
      i /= axes[k].n;
    }
    return axes.empty() ? 0 : at + i * axes[0].stride;
  }
};

// `taken`: for each axis whether it disappears. x is contiguous.
inline ReduceShape reduce_shape(const Operand& x, const bool* taken) {
  struct Group {
    std::int64_t n;
    bool gone;
  };
  std::vector<Group> groups;
  ReduceShape shape;
  for (int i = 0; i < x.rank; ++i) {
    shape.empty = shape.empty || x.shape[i] == 0;
    if (x.shape[i] == 1) continue;
    if (!groups.empty() && groups.back().gone == taken[i]) {
      groups.back().n *= x.shape[i];
    } else {
      groups.push_back({x.shape[i], taken[i]});
    }
  }
  if (shape.empty) return shape;
  if (!groups.empty() && !groups.back().gone) {
    shape.inner = groups.back().n;
    groups.pop_back();
  }
  if (!groups.empty()) {  // kept and gone groups alternate
    shape.mid = groups.back().n;
    groups.pop_back();
  }
  std::int64_t stride = shape.mid * shape.inner;
  for (std::size_t i = groups.size(); i-- > 0;) {
    auto& axes = groups[i].gone ? shape.gone : shape.kept;
    axes.insert(axes.begin(), {groups[i].n, stride});
    stride *= groups[i].n;
  }
  return shape;
}

}  // namespace cornu
