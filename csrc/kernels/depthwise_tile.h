// The inner loops of depthwise convolutions: some pixels times all channels.
#pragma once

#include <cstdint>

#include "kernels/microkernel.h"

namespace cornu {

constexpr int depthwise_rows = 8;
constexpr int depthwise_taps = 6;  // sums kept in registers at a time

template <typename T>
struct DepthwiseTile {
  const std::int64_t* taps;  // where each reads, from the window's first pixel on
  std::int64_t n_taps;
  const T* w;  // (taps, f)
  std::int64_t f;
  bool flipped;  // the last tap of w comes first
  const T* bias;
  bool relu;

  // y[r] = sum over taps of x[r][tap] * w[tap], for `height` windows.
  void correlate(const T* const* x, int height, T* y) const {
    if (height == depthwise_rows) {
      along_channels([&](std::int64_t at, auto part) { rows<depthwise_rows>(x, at, part, y); });
      return;
    }
    for (int r = 0; r < height; ++r) {
      along_channels([&](std::int64_t at, auto part) { rows<1>(x + r, at, part, y + r * f); });
    }
  }

  // x[r][tap] += g[r] * w[tap], for `height` windows. They may overlap: one tap after the other.
  void scatter(const T* g, int height, T* const* x) const {
    along_channels([&](std::int64_t at, auto part) {
      for (std::int64_t tap = 0; tap < n_taps; ++tap) {
        const Vector<T> weight = part.read(w + tap * f + at);
        for (int r = 0; r < height; ++r) {
          T* to = x[r] + taps[tap] + at;
          part.write(to, fma(part.read(g + r * f + at), weight, part.read(to)));
        }
      }
    });
  }

  // sums[tap] += sum over pixels of x[pixel][tap] * g[pixel].
  void add_products(const T* x, std::int64_t step, const T* g, std::int64_t pixels, T* sums) const {
    along_channels([&](std::int64_t at, auto part) {
      std::int64_t tap = 0;
      for (; tap + depthwise_taps <= n_taps; tap += depthwise_taps) {
        products<depthwise_taps>(x, step, g, pixels, tap, at, part, sums);
      }
      for (; tap + 3 <= n_taps; tap += 3) products<3>(x, step, g, pixels, tap, at, part, sums);
      for (; tap < n_taps; ++tap) products<1>(x, step, g, pixels, tap, at, part, sums);
    });
  }

 private:
  struct Whole {
    Vector<T> read(const T* p) const { return load(p); }
    void write(T* p, Vector<T> v) const { store(p, v); }
  };
  struct Part {
    int count;
    Vector<T> read(const T* p) const { return load_part(p, count); }
    void write(T* p, Vector<T> v) const { store_part(p, v, count); }
  };

  template <typename F>
  void along_channels(F body) const {
    std::int64_t at = 0;
    for (; at + lanes<T> <= f; at += lanes<T>) body(at, Whole());
    if (at < f) body(at, Part{static_cast<int>(f - at)});
  }

  template <int n, typename P>
  void rows(const T* const* x, std::int64_t at, P part, T* y) const {
    Vector<T> acc[n];
    const T* from[n];
    each<n>([&](auto r) CORNU_INLINE {
      acc[r] = Vector<T>{};
      from[r] = x[r] + at;
    });
    const T* weights = w + at + (flipped ? (n_taps - 1) * f : 0);
    const std::int64_t next = flipped ? -f : f;
    for (std::int64_t tap = 0; tap < n_taps; ++tap, weights += next) {
      const Vector<T> weight = part.read(weights);
      const std::int64_t offset = taps[tap];
      each<n>([&](auto r) CORNU_INLINE {
        acc[r] = fma(part.read(from[r] + offset), weight, acc[r]);
      });
    }
    const Vector<T> added = bias ? part.read(bias + at) : Vector<T>{};
    each<n>([&](auto r) CORNU_INLINE {
      Vector<T> v = acc[r] + added;
      if (relu) v = v < Vector<T>{} ? Vector<T>{} : v;
      part.write(y + r * f + at, v);
    });
  }

  template <int n, typename P>
  void products(const T* x, std::int64_t step, const T* g, std::int64_t pixels, std::int64_t tap,
                std::int64_t at, P part, T* sums) const {
    Vector<T> acc[n];
    const T* from[n];
    each<n>([&](auto t) CORNU_INLINE {
      acc[t] = part.read(sums + (tap + t) * f + at);
      from[t] = x + taps[tap + t] + at;
    });
    const T* gradient = g + at;
    std::int64_t i = 0;
    for (std::int64_t left = pixels; left > 0; --left, i += step, gradient += f) {
      const Vector<T> v = part.read(gradient);
      each<n>([&](auto t) CORNU_INLINE { acc[t] = fma(part.read(from[t] + i), v, acc[t]); });
    }
    each<n>([&](auto t) CORNU_INLINE { part.write(sums + (tap + t) * f + at, acc[t]); });
  }
};

}  // namespace cornu
