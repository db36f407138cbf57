// A convolution's kernel as panels for the microkernel.
#pragma once

#include "kernels/conv_shape.h"
#include "kernels/panel.h"

namespace cornu {

// Panels of w (taps, c in group, f): per group and panel of its filters, all taps times channels.
template <typename T>
struct ConvPanels {
  std::int64_t groups = 1;
  Panels<T> panels;
  std::int64_t depth = 0;  // rows of a panel

  ConvPanels() = default;
  // `by_input`: columns are channels of x, rows are taps times filters: what gradients towards x
  // multiply with. Taps go backwards if `flipped`.
  ConvPanels(const ConvShape& s, bool by_input, bool flipped)
      : groups(s.groups),
        panels(by_input ? s.c_in_group() : s.f_in_group()),
        depth(s.taps() * (by_input ? s.f_in_group() : s.c_in_group())),
        taps_(s.taps()),
        c_(s.c_in_group()),
        f_(s.f_in_group()),
        by_input_(by_input),
        flipped_(flipped) {}

  std::int64_t count() const { return groups * panels.count(); }
  std::size_t bytes() const {
    return std::size_t(groups * depth * panels.padded()) * sizeof(T);
  }
  const T* panel(const T* packed, std::int64_t group, std::int64_t p) const {
    return packed + depth * (group * panels.padded() + panels.begin(p));
  }

  // Packs panel `index` of count().
  void pack(const T* w, std::int64_t index, T* packed) const {
    const std::int64_t group = index / panels.count(), p = index % panels.count();
    const std::int64_t f = groups * f_, first = panels.begin(p);
    const std::int64_t width = panels.vectors(p) * lanes<T>;
    const std::int64_t columns = width - lanes<T> + panels.last(p);
    T* to = packed + (panel(packed, group, p) - packed);
    if (!by_input_) {
      pack_panel(w + group * f_ + first, f, std::int64_t(1), depth, columns, to, width);
      return;
    }
    for (std::int64_t tap = 0; tap < taps_; ++tap) {
      const std::int64_t source = flipped_ ? taps_ - 1 - tap : tap;
      pack_panel(w + (source * c_ + first) * f + group * f_, std::int64_t(1), f, f_, columns,
                 to + tap * f_ * width, width);
    }
  }

 private:
  std::int64_t taps_ = 0, c_ = 0, f_ = 0;
  bool by_input_ = false, flipped_ = false;
};

}  // namespace cornu
