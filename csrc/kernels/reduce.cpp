// reduce: inputs x; outputs y, x without some axes; both contiguous;
//   attributes [operation, axes..], operation: 0 sum, 1 product, 2 max, 3 min, 4 any, 5 all.
// max and min: NaN wins. Sums and products of integers wrap around in their own dtype. any and all
// take bool alone. No element gives 0, 1, false or true; for max and min it is an error.
#include "kernels/dispatch.h"
#include "kernels/reduce_fold.h"
#include "kernels/reduce_shape.h"

namespace cornu {
namespace {

struct Any {
  template <typename V>
  static V of(V a, V b) {
    return static_cast<V>(a | b);
  }
  template <typename T>
  static constexpr T start() {
    return T{0};
  }
};

struct All {
  template <typename V>
  static V of(V a, V b) {
    return static_cast<V>(a & b);
  }
  template <typename T>
  static constexpr T start() {
    return T{1};
  }
};

// Items: a place of the kept prefix, a chunk of mid, a tile of inner, in this order. Several chunks
// leave their values in the workspace, and a second phase combines them in order.
template <typename T, typename Op>
class Reduce : public Kernel {
 public:
  Reduce(const Operand& x, const Operand& y, const ReduceShape& shape)
      : shape_(shape), outer_(shape.outer()), gone_(ReduceShape::count(shape.gone)) {
    cornu::Kernel::bytes = bytes_of(x) + bytes_of(y);
    flops = static_cast<double>(x.size());
    outputs_ = y.size();
    if (shape.empty) {
      combine_ = cut(outputs_, sizeof(T));
      phases[0].units = combine_.count();
      return;
    }
    const double unit = 262144 * grain();
    constexpr std::int64_t tile = 1024, most_chunks = 16;
    auto wanted = static_cast<std::int64_t>(bytes_of(x) / unit) + 1;
    tile_ = shape.inner;
    chunk_ = shape.mid;
    if (outer_ < std::min(wanted, most_chunks)) {
      std::int64_t tiles = (shape.inner + tile - 1) / tile;
      if (tiles * outer_ >= std::min(wanted, most_chunks)) {
        tile_ = tile;
        tiles_ = tiles;
      } else {
        std::int64_t chunks = std::min({(wanted + outer_ - 1) / outer_, most_chunks, shape.mid});
        chunk_ = (shape.mid + chunks - 1) / chunks;
        chunks_ = (shape.mid + chunk_ - 1) / chunk_;
      }
    }
    std::int64_t items = outer_ * chunks_ * tiles_;
    units_ = cut(items, bytes_of(x) / static_cast<double>(items));
    phases[0].units = units_.count();
    if (chunks_ > 1) {
      workspace = cornu::bytes(chunks_ * outputs_, sizeof(T));
      combine_ = cut(outputs_, static_cast<double>(chunks_) * sizeof(T));
      phases.push_back({combine_.count()});
    }
  }

  void run(const Context& context, int phase, std::int64_t begin, std::int64_t end,
           char*) const override {
    const T* x = reinterpret_cast<const T*>(context.operands[0]);
    T* y = reinterpret_cast<T*>(context.operands[1]);
    if (shape_.empty || phase == 1) {
      combine(reinterpret_cast<const T*>(context.workspace), y, combine_.first(begin),
              combine_.first(end));
      return;
    }
    std::int64_t from = units_.first(begin), to = units_.first(end);
    if (shape_.inner == 1 && gone_ == 1 && chunks_ == 1) {  // rows one behind the other
      fold_rows<T, Op>(x + from * shape_.mid, y + from, to - from, shape_.mid);
      return;
    }
    T* target = chunks_ > 1 ? reinterpret_cast<T*>(context.workspace) : y;
    for (std::int64_t item = from; item < to; ++item) one(item, x, target);
  }

 private:
  void one(std::int64_t item, const T* x, T* target) const {
    std::int64_t tile = item % tiles_, chunk = item / tiles_ % chunks_;
    std::int64_t at = item / tiles_ / chunks_;
    std::int64_t column = tile * tile_, columns = std::min(tile_, shape_.inner - column);
    std::int64_t row = chunk * chunk_, rows = std::min(chunk_, shape_.mid - row);
    T* acc = target + chunk * outputs_ + at * shape_.inner + column;
    std::fill_n(acc, columns, Op::template start<T>());
    x += ReduceShape::place(shape_.kept, at) + row * shape_.inner + column;
    for (std::int64_t g = 0; g < gone_; ++g) {
      const T* part = x + ReduceShape::place(shape_.gone, g);
      if (shape_.inner == 1) {
        *acc = Op::of(*acc, fold_row<T, Op>(part, rows));
      } else {
        fold_columns<T, Op>(part, shape_.inner, rows, columns, acc);
      }
    }
  }

  void combine(const T* chunks, T* y, std::int64_t from, std::int64_t to) const {
    std::fill(y + from, y + to, Op::template start<T>());
    if (shape_.empty) return;
    for (std::int64_t chunk = 0; chunk < chunks_; ++chunk) {
      const T* part = chunks + chunk * outputs_;
      for (std::int64_t i = from; i < to; ++i) y[i] = Op::of(y[i], part[i]);
    }
  }

  ReduceShape shape_;
  std::int64_t outer_, gone_, outputs_ = 0;
  std::int64_t chunk_ = 1, chunks_ = 1, tile_ = 1, tiles_ = 1;  // sizes and numbers
  Units units_, combine_;
};

template <typename T, typename Op>
std::unique_ptr<Kernel> reduction(const Description& d, const ReduceShape& shape) {
  return std::make_unique<Reduce<T, Op>>(d.inputs[0], d.outputs[0], shape);
}

}  // namespace

std::unique_ptr<Kernel> make_reduce(const Description& d) {
  require_counts(d, 1, 1);
  require_row_major(d);
  const Operand &x = d.inputs[0], &y = d.outputs[0];
  require(!d.attributes.empty() && x.dtype == y.dtype, "reduce: the dtypes must be equal");
  bool taken[max_rank] = {};
  for (std::size_t i = 1; i < d.attributes.size(); ++i) {
    std::int64_t axis = d.attributes[i];
    require(axis >= 0 && axis < x.rank && !taken[axis], "reduce: an axis is wrong");
    taken[axis] = true;
  }
  int left = 0;
  for (int i = 0; i < x.rank; ++i) {
    if (taken[i]) continue;
    require(left < y.rank && y.shape[left] == x.shape[i], "reduce: the result has a wrong shape");
    ++left;
  }
  require(left == y.rank, "reduce: the result has a wrong rank");
  ReduceShape shape = reduce_shape(x, taken);
  std::int64_t operation = d.attributes[0];
  switch (operation) {
    case 0:
    case 1:
      require(x.dtype != Dtype::boolean, "reduce: bool has no sums and products");
      return with_number(x.dtype, [&](auto zero) {
        using T = Wrapping<decltype(zero)>;
        return operation == 0 ? reduction<T, Plus>(d, shape) : reduction<T, Times>(d, shape);
      });
    case 2:
    case 3:
      require(!shape.empty || y.size() == 0, "reduce: nothing has no extreme");
      return with_number(x.dtype, [&](auto zero) {
        using T = decltype(zero);
        return operation == 2 ? reduction<T, Greatest>(d, shape) : reduction<T, Least>(d, shape);
      });
    case 4:
    case 5:
      require(x.dtype == Dtype::boolean, "reduce: any and all take bool");
      return operation == 4 ? reduction<std::uint8_t, Any>(d, shape)
                            : reduction<std::uint8_t, All>(d, shape);
    default:
      throw PlanError("reduce: there is no such operation");
  }
}

}  // namespace cornu
