// max_pool: inputs x (n, *spatial, c); outputs y and index (int32), both (n, *results, c); all
//   contiguous; attributes as in pool_window.h.
// The index is the flat position among the image's spatial ones: the first of ties, of NaN the
// first. A window of padding alone gives the lowest value and the position of its first tap.
#include <limits>
#include <type_traits>

#include "core/simd.h"
#include "kernels/dispatch.h"
#include "kernels/pool_window.h"

namespace cornu {
namespace {

template <typename T>
constexpr T lowest() {
  if constexpr (std::is_floating_point_v<T>) return -std::numeric_limits<T>::infinity();
  return std::numeric_limits<T>::lowest();
}

// One window: its taps are `rows` of `columns` places each, in `planes`.
template <typename T>
struct Taps {
  const T* x;
  std::int64_t planes, rows, columns;
  std::int64_t plane_step, row_step;  // in places
  std::int64_t position;              // of the first

  template <typename F>
  void each(std::int64_t c, F&& f) const {
    for (std::int64_t i = 0; i < planes; ++i) {
      for (std::int64_t j = 0; j < rows; ++j) {
        std::int64_t place = i * plane_step + j * row_step;
        for (std::int64_t k = 0; k < columns; ++k) {
          f(x + (place + k) * c, static_cast<std::int32_t>(position + place + k));
        }
      }
    }
  }
};

// Channels [from, c). NaN is better than all else, and stays.
template <typename T>
bool better(T best, T v) {
  return !(v <= best) & (best == best);
}

template <typename T>
void few_channels(const Taps<T>& taps, std::int64_t c, std::int64_t from, T* y,
                  std::int32_t* index) {
  for (std::int64_t ch = from; ch < c; ++ch) {
    T best = taps.x[ch];
    auto place = static_cast<std::int32_t>(taps.position);
    taps.each(c, [&](const T* x, std::int32_t position) {
      bool wins = better(best, x[ch]);
      best = wins ? x[ch] : best;
      place = wins ? position : place;
    });
    y[ch] = best;
    index[ch] = place;
  }
}

template <typename T>
void many_channels(const Taps<T>& taps, std::int64_t c, std::int64_t from, T* __restrict y,
                   std::int32_t* __restrict index) {
  std::copy(taps.x + from, taps.x + c, y + from);
  std::fill(index + from, index + c, static_cast<std::int32_t>(taps.position));
  taps.each(c, [&](const T* __restrict x, std::int32_t position) {
    for (std::int64_t ch = from; ch < c; ++ch) {
      bool wins = better(y[ch], x[ch]);
      y[ch] = wins ? x[ch] : y[ch];
      index[ch] = wins ? position : index[ch];
    }
  });
}

// As many channels at once as a vector has, for elements as wide as the index.
template <typename T, int vectors>
std::int64_t wide_channels(const Taps<T>& taps, std::int64_t c, std::int64_t ch, T* y,
                           std::int32_t* index) {
  using V = Vector<T>;
  using I = Vector<std::int32_t>;
  for (; ch + vectors * lanes<T> <= c; ch += vectors * lanes<T>) {
    V best[vectors];
    I place[vectors];
    for (int i = 0; i < vectors; ++i) {
      best[i] = load(taps.x + ch + i * lanes<T>);
      place[i] = splat(static_cast<std::int32_t>(taps.position));
    }
    taps.each(c, [&](const T* x, std::int32_t position) {
      I here = splat(position);
      for (int i = 0; i < vectors; ++i) {
        V v = load(x + ch + i * lanes<T>);
        I better = ~(v <= best[i]) & (best[i] == best[i]);
        best[i] = better ? v : best[i];
        place[i] = better ? here : place[i];
      }
    });
    for (int i = 0; i < vectors; ++i) {
      store(y + ch + i * lanes<T>, best[i]);
      store(index + ch + i * lanes<T>, place[i]);
    }
  }
  return ch;
}

template <typename T>
class MaxPool : public Kernel {
 public:
  MaxPool(const Windows& w, const Description& d) : w_(w) {
    std::int64_t rows = w.n * w.axes[0].results * w.axes[1].results;
    double row = static_cast<double>(w.axes[2].results * w.c);
    bytes = bytes_of(d.inputs[0]) + bytes_of(d.outputs[0]) + bytes_of(d.outputs[1]);
    flops = 2 * bytes_of(d.outputs[1]) / 4 * static_cast<double>(w.taps());
    units_ = cut(rows, row * (sizeof(T) * static_cast<double>(w.taps()) + sizeof(T) + 4));
    phases[0].units = units_.count();
  }

  void run(const Context& context, int, std::int64_t begin, std::int64_t end,
           char*) const override {
    const T* x = reinterpret_cast<const T*>(context.operands[0]);
    T* y = reinterpret_cast<T*>(context.operands[1]);
    auto* index = reinterpret_cast<std::int32_t*>(context.operands[2]);
    const Windows::Axis &d = w_.axes[0], &h = w_.axes[1], &v = w_.axes[2];
    std::int64_t c = w_.c;
    for (std::int64_t row = units_.first(begin); row < units_.first(end); ++row) {
      std::int64_t oh = row % h.results, od = row / h.results % d.results;
      const T* image = x + row / h.results / d.results * w_.pixels() * c;
      for (std::int64_t ow = 0; ow < v.results; ++ow) {
        window(image, od, oh, ow, y + (row * v.results + ow) * c,
               index + (row * v.results + ow) * c);
      }
    }
  }

 private:
  void window(const T* image, std::int64_t od, std::int64_t oh, std::int64_t ow, T* y,
              std::int32_t* index) const {
    const Windows::Axis &d = w_.axes[0], &h = w_.axes[1], &v = w_.axes[2];
    std::int64_t z = d.begin(od), r = h.begin(oh), q = v.begin(ow), c = w_.c;
    Taps<T> taps{nullptr, d.end(od) - z, h.end(oh) - r, v.end(ow) - q, h.size * v.size, v.size, 0};
    if (taps.planes <= 0 || taps.rows <= 0 || taps.columns <= 0) {
      std::int64_t first = ((od * d.stride - d.low) * h.size + oh * h.stride - h.low) * v.size +
                           ow * v.stride - v.low;
      std::fill_n(y, c, lowest<T>());
      std::fill_n(index, c, static_cast<std::int32_t>(first));
      return;
    }
    taps.position = (z * h.size + r) * v.size + q;
    taps.x = image + taps.position * c;
    std::int64_t ch = 0;
    if constexpr (sizeof(T) == 4) {
      ch = wide_channels<T, 2>(taps, c, ch, y, index);
      ch = wide_channels<T, 1>(taps, c, ch, y, index);
    }
    if (c - ch < 8) {
      few_channels(taps, c, ch, y, index);
    } else {
      many_channels(taps, c, ch, y, index);
    }
  }

  Windows w_;
  Units units_;
};

}  // namespace

std::unique_ptr<Kernel> make_max_pool(const Description& d) {
  require_counts(d, 1, 2);
  require_row_major(d);
  const Operand &x = d.inputs[0], &y = d.outputs[0], &index = d.outputs[1];
  require(x.dtype == y.dtype && index.dtype == Dtype::int32, "max_pool: a dtype is wrong");
  require(same_shape(y, index), "max_pool: both results must have one shape");
  Windows w = windows_of(x, y, d.attributes);
  return with_number(x.dtype, [&](auto zero) -> std::unique_ptr<Kernel> {
    return std::make_unique<MaxPool<decltype(zero)>>(w, d);
  });
}

}  // namespace cornu
