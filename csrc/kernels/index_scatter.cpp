// Writing at indices into a copy of x, which is left out where y shares x's memory. Indices of any
// integer dtype, negative ones from the end. Where several updates meet they are taken in their
// order, on any number of threads.
// scatter_nd: inputs x (any strides), indices (..., k), updates; outputs y; attributes [mode].
// scatter_along_axis: inputs x (any strides), indices, updates (both x's shape but for the axis);
//   outputs y; attributes [axis, mode].
// mode: 0 set, 1 add, 2 multiply, 3 max, 4 min. All but x contiguous.
#include <type_traits>

#include "kernels/combine.h"
#include "kernels/copy_strided.h"
#include "kernels/index_places.h"

namespace cornu {
namespace {

struct Set {
  template <typename T>
  static T of(T, T update) {
    return update;
  }
};

// Calls f(zero of T, combiner of T).
template <typename F>
std::unique_ptr<Kernel> with_mode(Dtype dtype, std::int64_t mode, F&& f) {
  if (mode == 0) {
    return with_bytes(size_of(dtype), [&](auto zero) { return f(zero, Set{}); });
  }
  require(mode >= 1 && mode <= 4 && dtype != Dtype::boolean, "scatter: there is no such mode");
  if (mode <= 2) {
    return with_number(dtype, [&](auto zero) {
      Wrapping<decltype(zero)> word{};
      return mode == 1 ? f(word, Plus{}) : f(word, Times{});
    });
  }
  return with_number(dtype, [&](auto zero) {
    return mode == 3 ? f(zero, Greatest{}) : f(zero, Least{});
  });
}

// Phases 0 and 1 of both kernels: places, and the copy of x.
class Scatter : public Kernel {
 public:
  Scatter(const Description& d, const Places& places)
      : places_(places),
        copy_(d.outputs[0].rank, d.outputs[0].shape, d.inputs[0].strides, d.outputs[0].strides,
              size_of(d.outputs[0].dtype)),
        copy_units_(cut(copy_.items(), copy_.item_bytes())) {
    const Operand &x = d.inputs[0], &indices = d.inputs[1], &updates = d.inputs[2];
    const Operand& y = d.outputs[0];
    workspace = places.workspace();
    bytes = 2 * bytes_of(y) + 3 * bytes_of(updates) + 2 * bytes_of(indices);
    // Sharing memory with x is meant, never with the others.
    may_alias = same_layout(x, y) && !same_layout(updates, y) && !same_layout(indices, y);
  }

  void run(const Context& context, int phase, std::int64_t begin, std::int64_t end,
           char*) const override {
    if (phase == 0) {
      places_.find(context, begin, end);
    } else if (phase == 2) {
      scatter(context, begin, end);
    } else if (context.operands[0] != context.operands[3]) {
      copy_.run(context.operands[0], context.operands[3], copy_units_.first(begin),
                copy_units_.first(end));
    }
  }

 protected:
  virtual void scatter(const Context& context, std::int64_t begin, std::int64_t end) const = 0;

  void set_phases(std::int64_t units) {
    phases = {{places_.units()}, {copy_units_.count()}, {units}};
  }

  Places places_;

 private:
  StridedCopy copy_;
  Units copy_units_;
};

// Rows of `width` elements. A unit takes some columns of all updates, so that no two meet.
template <typename T, typename Mode>
class ScatterRows : public Scatter {
 public:
  ScatterRows(const Description& d, const Places& places, std::int64_t width)
      : Scatter(d, places), width_(width) {
    constexpr std::int64_t narrowest = 32;
    double column = 3 * static_cast<double>(places.count()) * sizeof(T);
    units_ = cut(width, column);
    units_.per = std::max((units_.per + narrowest - 1) / narrowest * narrowest, narrowest);
    set_phases(units_.count());
  }

 private:
  void scatter(const Context& context, std::int64_t begin, std::int64_t end) const override {
    const std::int64_t* places = Places::in(context);
    const T* updates = reinterpret_cast<const T*>(context.operands[2]);
    T* y = reinterpret_cast<T*>(context.operands[3]);
    std::int64_t from = units_.first(begin), columns = units_.first(end) - from;
    if (width_ == 1) {
      for (std::int64_t i = 0; i < places_.count(); ++i) {
        y[places[i]] = Mode::of(y[places[i]], updates[i]);
      }
      return;
    }
    for (std::int64_t i = 0; i < places_.count(); ++i) {
      const T* __restrict u = updates + i * width_ + from;
      T* __restrict row = y + places[i] * width_ + from;
      for (std::int64_t j = 0; j < columns; ++j) row[j] = Mode::of(row[j], u[j]);
    }
  }

  std::int64_t width_;
  Units units_;
};

// y[o, places[o, j, i], i] gets updates[o, j, i]; outer lines are units of their own.
template <typename T, typename Mode>
class ScatterAlong : public Scatter {
 public:
  ScatterAlong(const Description& d, const Places& places, const Around& x, std::int64_t many)
      : Scatter(d, places), x_(x), many_(many) {
    units_ = cut(x.outer, static_cast<double>(many * x.inner) * (8 + 3 * sizeof(T)));
    set_phases(units_.count());
  }

 private:
  void scatter(const Context& context, std::int64_t begin, std::int64_t end) const override {
    const std::int64_t* places = Places::in(context);
    const T* updates = reinterpret_cast<const T*>(context.operands[2]);
    T* y = reinterpret_cast<T*>(context.operands[3]);
    for (std::int64_t o = units_.first(begin); o < units_.first(end); ++o) {
      T* block = y + o * x_.n * x_.inner;
      for (std::int64_t j = o * many_; j < (o + 1) * many_; ++j) {
        for (std::int64_t i = 0; i < x_.inner; ++i) {
          T& to = block[places[j * x_.inner + i] * x_.inner + i];
          to = Mode::of(to, updates[j * x_.inner + i]);
        }
      }
    }
  }

  Around x_;
  std::int64_t many_;
  Units units_;
};

void require_scatter(const Description& d, std::size_t attributes) {
  require_counts(d, 3, 1);
  const Operand &x = d.inputs[0], &updates = d.inputs[2], &y = d.outputs[0];
  require(row_major(d.inputs[1]) && row_major(updates) && row_major(y),
          "scatter: the indices, updates and the result must be contiguous");
  require(d.attributes.size() == attributes, "scatter: the number of attributes is wrong");
  require(x.dtype == y.dtype && updates.dtype == y.dtype && same_shape(x, y),
          "scatter: the operands must be alike");
}

}  // namespace

std::unique_ptr<Kernel> make_scatter_nd(const Description& d) {
  require_scatter(d, 1);
  const Operand &x = d.inputs[0], &indices = d.inputs[1], &updates = d.inputs[2];
  require(indices.rank >= 1, "scatter_nd: the indices must have an axis");
  std::int64_t k = indices.shape[indices.rank - 1];
  int lead = indices.rank - 1;
  require(k <= x.rank && updates.rank == lead + x.rank - k &&
              std::equal(indices.shape, indices.shape + lead, updates.shape) &&
              std::equal(x.shape + k, x.shape + x.rank, updates.shape + lead),
          "scatter_nd: the updates have the wrong shape");
  Places places(indices, 1, x.shape, static_cast<int>(k));
  std::int64_t width = product(x.shape, k, x.rank);
  return with_mode(x.dtype, d.attributes[0], [&](auto zero, auto mode) -> std::unique_ptr<Kernel> {
    return std::make_unique<ScatterRows<decltype(zero), decltype(mode)>>(d, places, width);
  });
}

std::unique_ptr<Kernel> make_scatter_along_axis(const Description& d) {
  require_scatter(d, 2);
  const Operand &x = d.inputs[0], &indices = d.inputs[1], &updates = d.inputs[2];
  Around parts = around(x, d.attributes[0]);
  require(same_shape(indices, updates) && x.rank == updates.rank,
          "scatter_along_axis: indices and updates must have one shape");
  for (int i = 0; i < x.rank; ++i) {
    require(i == d.attributes[0] || x.shape[i] == updates.shape[i],
            "scatter_along_axis: the shapes must agree, except along the axis");
  }
  Places places(indices, 1, &parts.n, 1);
  std::int64_t many = updates.shape[d.attributes[0]];
  return with_mode(x.dtype, d.attributes[1], [&](auto zero, auto mode) -> std::unique_ptr<Kernel> {
    return std::make_unique<ScatterAlong<decltype(zero), decltype(mode)>>(d, places, parts, many);
  });
}

}  // namespace cornu
