// reduce_place: where the extreme lies along an axis, the first of ties; NaN counts as the extreme.
//   inputs x; outputs y (int32), x without the axis; both contiguous;
//   attributes [axis, 0 greatest | 1 least].
#include <limits>
#include <type_traits>

#include "core/simd.h"
#include "kernels/combine.h"
#include "kernels/dispatch.h"
#include "kernels/reduce_fold.h"
#include "kernels/units.h"

namespace cornu {
namespace {

constexpr std::int64_t tile = 512;  // columns that are compared at a time

// `better`: whether b takes the place of a, for numbers and vectors. NaN stays, and takes the place
// of all else.
struct Highest : Greatest {
  template <typename V>
  static auto better(V a, V b) {
    return (b > a) | ((b != b) & (a == a));
  }
};

struct Lowest : Least {
  template <typename V>
  static auto better(V a, V b) {
    return (b < a) | ((b != b) & (a == a));
  }
};

template <typename T, typename Op>
class ReducePlace : public Kernel {
 public:
  ReducePlace(const Operand& x, const Around& shape) : shape_(shape) {
    cornu::Kernel::bytes = bytes_of(x);
    flops = 2 * static_cast<double>(x.size());
    tiles_ = (shape.inner + tile - 1) / tile;
    auto columns = static_cast<double>(std::min(tile, shape.inner) * shape.n);
    units_ = cut(shape.outer * tiles_, columns * sizeof(T));
    phases[0].units = units_.count();
    scratch = tile * sizeof(T);
  }

  void run(const Context& context, int, std::int64_t begin, std::int64_t end,
           char* memory) const override {
    const T* x = reinterpret_cast<const T*>(context.operands[0]);
    auto* y = reinterpret_cast<std::int32_t*>(context.operands[1]);
    for (std::int64_t item = units_.first(begin); item < units_.first(end); ++item) {
      std::int64_t outer = item / tiles_, column = item % tiles_ * tile;
      const T* block = x + outer * shape_.n * shape_.inner + column;
      std::int32_t* to = y + outer * shape_.inner + column;
      if (shape_.inner == 1) {
        *to = row(block);
      } else {
        columns(block, std::min(tile, shape_.inner - column), reinterpret_cast<T*>(memory), to);
      }
    }
  }

 private:
  std::int32_t row(const T* x) const {
    std::int64_t i = 1, place = 0;
    T best = x[0];
    if constexpr (sizeof(T) >= 4) {
      if (shape_.n >= 2 * lanes<T>) i = lanewise(x, best, place);
    }
    for (; i < shape_.n; ++i) {
      bool better = Op::better(best, x[i]);
      best = better ? x[i] : best;
      place = better ? i : place;
    }
    return static_cast<std::int32_t>(place);
  }

  // Extremes of each lane with their first places, then the first of the extreme's.
  std::int64_t lanewise(const T* x, T& best, std::int64_t& place) const {
    using Index = std::conditional_t<sizeof(T) == 8, std::int64_t, std::int32_t>;
    Vector<Index> here{}, places;
    for (int k = 0; k < lanes<T>; ++k) here[k] = k;
    places = here;
    Vector<T> extremes = load(x);
    std::int64_t i = lanes<T>;
    for (; i + lanes<T> <= shape_.n; i += lanes<T>) {
      here += static_cast<Index>(lanes<T>);
      Vector<T> v = load(x + i);
      Vector<Index> better = Op::better(extremes, v);
      extremes = better ? v : extremes;
      places = better ? here : places;
    }
    best = fold_lanes<T, Op>(extremes);
    Vector<Index> found = extremes == best;
    if (best != best) found = extremes != extremes;
    places = found ? places : splat(std::numeric_limits<Index>::max());
    place = fold_lanes<Index, Least>(places);
    return i;
  }

  void columns(const T* x, std::int64_t count, T* __restrict best,
               std::int32_t* __restrict place) const {
    std::copy_n(x, count, best);
    std::fill_n(place, count, 0);
    for (std::int64_t i = 1; i < shape_.n; ++i) {
      const T* __restrict v = x + i * shape_.inner;
      for (std::int64_t j = 0; j < count; ++j) {
        bool better = Op::better(best[j], v[j]);
        best[j] = better ? v[j] : best[j];
        place[j] = better ? static_cast<std::int32_t>(i) : place[j];
      }
    }
  }

  Around shape_;
  std::int64_t tiles_ = 1;
  Units units_;
};

}  // namespace

std::unique_ptr<Kernel> make_reduce_place(const Description& d) {
  require_counts(d, 1, 1);
  require_row_major(d);
  require(d.attributes.size() == 2, "reduce_place: there must be two attributes");
  const Operand &x = d.inputs[0], &y = d.outputs[0];
  std::int64_t axis = d.attributes[0], which = d.attributes[1];
  Around shape = around(x, axis);
  require(y.dtype == Dtype::int32 && y.rank == x.rank - 1, "reduce_place: the result is wrong");
  require(std::equal(x.shape, x.shape + axis, y.shape) &&
              std::equal(x.shape + axis + 1, x.shape + x.rank, y.shape + axis),
          "reduce_place: the result has a wrong shape");
  require(shape.n <= std::numeric_limits<std::int32_t>::max(),
          "reduce_place: the axis is too long");
  require(shape.n > 0 || y.size() == 0, "reduce_place: nothing has no extreme");
  require(which == 0 || which == 1, "reduce_place: there is no such extreme");
  return with_number(x.dtype, [&](auto zero) -> std::unique_ptr<Kernel> {
    using T = decltype(zero);
    if (which == 0) return std::make_unique<ReducePlace<T, Highest>>(x, shape);
    return std::make_unique<ReducePlace<T, Lowest>>(x, shape);
  });
}

}  // namespace cornu
