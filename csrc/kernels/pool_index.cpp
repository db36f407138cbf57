// pool_scatter: inputs g (n, *results, c), index (int32, the same shape); outputs x (n, *spatial,
//   c): sums of g at the places that the index names; all contiguous. Attributes: none, or those of
//   pool_window.h: then the index comes from the max_pool of these windows.
// pool_gather: inputs x (n, *spatial, c), index (int32, (n, *results, c)); outputs y, shaped like
//   the index; all contiguous; no attributes.
#include <type_traits>

#include "core/simd.h"
#include "kernels/dispatch.h"
#include "kernels/pool_window.h"

namespace cornu {
namespace {

// Signed sums wrap around as unsigned ones.
template <typename T>
T plus(T a, T b) {
  if constexpr (std::is_integral_v<T>) {
    return static_cast<T>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
  } else {
    return a + b;
  }
}

// Pixel by pixel: what the windows over it send there. Everything is written once, in order, and
// in whole vectors; the index is only compared, so that wrong ones do no harm.
template <typename T>
class WindowScatter : public Kernel {
 public:
  WindowScatter(const Windows& w, const Description& d) : w_(w) {
    std::int64_t rows = w.n * w.axes[0].size * w.axes[1].size;
    bytes = bytes_of(d.inputs[0]) + bytes_of(d.inputs[1]) + bytes_of(d.outputs[0]);
    double row = static_cast<double>(w.axes[2].size * w.c * 3) * sizeof(T);
    units_ = cut(rows, row);
    phases[0].units = units_.count();
  }

  void run(const Context& context, int, std::int64_t begin, std::int64_t end,
           char*) const override {
    const T* g = reinterpret_cast<const T*>(context.operands[0]);
    const auto* index = reinterpret_cast<const std::int32_t*>(context.operands[1]);
    T* x = reinterpret_cast<T*>(context.operands[2]);
    const Windows::Axis &d = w_.axes[0], &h = w_.axes[1], &v = w_.axes[2];
    std::int64_t c = w_.c;
    for (std::int64_t row = units_.first(begin); row < units_.first(end); ++row) {
      std::int64_t ph = row % h.size, pd = row / h.size % d.size;
      std::int64_t image = row / h.size / d.size * w_.results() * c;
      Part part{d.first(pd), d.last(pd), h.first(ph), h.last(ph), 0, 0};
      for (std::int64_t pw = 0; pw < v.size; ++pw) {
        part.w0 = v.first(pw);
        part.w1 = v.last(pw);
        pixel(part, g + image, index + image,
              static_cast<std::int32_t>((pd * h.size + ph) * v.size + pw),
              x + (row * v.size + pw) * c);
      }
    }
  }

 private:
  // Windows along each axis.
  struct Part {
    std::int64_t d0, d1, h0, h1, w0, w1;
  };

  void pixel(const Part& p, const T* g, const std::int32_t* index, std::int32_t place,
             T* x) const {
    std::int64_t c = w_.c, ch = 0;
    if constexpr (sizeof(T) == 4) {
      using V = Vector<T>;
      Vector<std::int32_t> here = splat(place);
      for (; ch + lanes<T> <= c; ch += lanes<T>) {
        V sum{};
        each(p, [&](std::int64_t at) {
          V value = load(g + at + ch);
          // As integers of the other kind first: signed vectors mustn't overflow.
          if constexpr (std::is_integral_v<T>) {
            using U = Vector<std::uint32_t>;
            U u = load(index + at + ch) == here ? (U)value : U{};
            sum = (V)((U)sum + u);
          } else {
            sum += load(index + at + ch) == here ? value : V{};
          }
        });
        store(x + ch, sum);
      }
    }
    for (; ch < c; ++ch) {
      T sum{};
      each(p, [&](std::int64_t at) {
        sum = plus(sum, index[at + ch] == place ? g[at + ch] : T{});
      });
      x[ch] = sum;
    }
  }

  template <typename F>
  void each(const Part& p, F&& f) const {
    const Windows::Axis &h = w_.axes[1], &v = w_.axes[2];
    for (std::int64_t od = p.d0; od < p.d1; ++od) {
      for (std::int64_t oh = p.h0; oh < p.h1; ++oh) {
        for (std::int64_t ow = p.w0; ow < p.w1; ++ow) {
          f(((od * h.results + oh) * v.results + ow) * w_.c);
        }
      }
    }
  }

  Windows w_;
  Units units_;
};

// What the kernels for any index share: one check of all of it before anything is written.
class Indexed : public Kernel {
 public:
  Indexed(const Operand& image, const Operand& index)
      : n_(index.shape[0]),
        c_(index.shape[index.rank - 1]),
        places_(product(index.shape, 1, index.rank - 1)),
        size_(product(image.shape, 1, image.rank - 1)) {
    check_ = cut(n_ * places_ * c_, 4);
    phases = {{check_.count()}, {1}};
  }

 protected:
  void check(const Context& context, std::int64_t begin, std::int64_t end) const {
    const auto* index = reinterpret_cast<const std::int32_t*>(context.operands[1]);
    bool wrong = false;
    for (std::int64_t i = check_.first(begin); i < check_.first(end); ++i) {
      wrong |= index[i] < 0 || index[i] >= size_;
    }
    if (wrong) throw DataError("a position of pooling lies outside of the image");
  }

  std::int64_t n_, c_, places_, size_;  // of an image: results, pixels
  Units check_;
};

template <typename T>
class PoolScatter : public Indexed {
 public:
  explicit PoolScatter(const Description& d) : Indexed(d.outputs[0], d.inputs[1]) {
    bytes = bytes_of(d.inputs[0]) + 2 * bytes_of(d.inputs[1]) + 2 * bytes_of(d.outputs[0]);
    units_ = cut(n_, static_cast<double>((size_ + 2 * places_) * c_) * 2 * sizeof(T));
    phases[1].units = units_.count();
  }

  void run(const Context& context, int phase, std::int64_t begin, std::int64_t end,
           char*) const override {
    if (phase == 0) return check(context, begin, end);
    for (std::int64_t i = units_.first(begin); i < units_.first(end); ++i) {
      const T* g = reinterpret_cast<const T*>(context.operands[0]) + i * places_ * c_;
      const auto* index =
          reinterpret_cast<const std::int32_t*>(context.operands[1]) + i * places_ * c_;
      T* x = reinterpret_cast<T*>(context.operands[2]) + i * size_ * c_;
      std::fill_n(x, size_ * c_, T{});
      for (std::int64_t o = 0; o < places_; ++o, g += c_, index += c_) {
        for (std::int64_t ch = 0; ch < c_; ++ch) {
          T& to = x[index[ch] * c_ + ch];
          to = plus(to, g[ch]);
        }
      }
    }
  }

 private:
  Units units_;
};

template <typename T>
class PoolGather : public Indexed {
 public:
  explicit PoolGather(const Description& d) : Indexed(d.inputs[0], d.inputs[1]) {
    bytes = 2 * bytes_of(d.inputs[1]) + 2 * bytes_of(d.outputs[0]);
    units_ = cut(n_ * places_, static_cast<double>(c_) * (4 + 4 * sizeof(T)));
    phases[1].units = units_.count();
  }

  void run(const Context& context, int phase, std::int64_t begin, std::int64_t end,
           char*) const override {
    if (phase == 0) return check(context, begin, end);
    for (std::int64_t i = units_.first(begin); i < units_.first(end); ++i) {
      const T* x = reinterpret_cast<const T*>(context.operands[0]) + i / places_ * size_ * c_;
      const auto* index = reinterpret_cast<const std::int32_t*>(context.operands[1]) + i * c_;
      T* y = reinterpret_cast<T*>(context.operands[2]) + i * c_;
      for (std::int64_t ch = 0; ch < c_; ++ch) y[ch] = x[index[ch] * c_ + ch];
    }
  }

 private:
  Units units_;
};

void require_index(const Operand& image, const Operand& index) {
  require(index.dtype == Dtype::int32, "pool: the index must be int32");
  require(index.rank >= 3 && image.rank >= 3, "pool: both need the axes (n, *spatial, c)");
  require(image.shape[0] == index.shape[0] &&
              image.shape[image.rank - 1] == index.shape[index.rank - 1],
          "pool: batch and channels must be equal");
}

}  // namespace

std::unique_ptr<Kernel> make_pool_scatter(const Description& d) {
  require_counts(d, 2, 1);
  require_row_major(d);
  const Operand &g = d.inputs[0], &index = d.inputs[1], &x = d.outputs[0];
  require(g.dtype == x.dtype && same_shape(g, index), "pool_scatter: the operands don't fit");
  require_index(x, index);
  if (d.attributes.empty()) {
    return with_number(g.dtype, [&](auto zero) -> std::unique_ptr<Kernel> {
      return std::make_unique<PoolScatter<decltype(zero)>>(d);
    });
  }
  Windows w = windows_of(x, g, d.attributes);
  return with_number(g.dtype, [&](auto zero) -> std::unique_ptr<Kernel> {
    return std::make_unique<WindowScatter<decltype(zero)>>(w, d);
  });
}

std::unique_ptr<Kernel> make_pool_gather(const Description& d) {
  require_counts(d, 2, 1);
  require_row_major(d);
  const Operand &x = d.inputs[0], &index = d.inputs[1], &y = d.outputs[0];
  require(x.dtype == y.dtype && same_shape(y, index), "pool_gather: the operands don't fit");
  require_index(x, index);
  return with_bytes(size_of(x.dtype), [&](auto zero) -> std::unique_ptr<Kernel> {
    return std::make_unique<PoolGather<decltype(zero)>>(d);
  });
}

}  // namespace cornu
