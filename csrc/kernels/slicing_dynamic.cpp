// Parts whose place is data: starts are clamped so that the part fits.
// dynamic_slice: inputs x, one start per axis (0-d, any integer dtype); outputs y.
// dynamic_update_slice: inputs x, update, starts; outputs y, x with the update in its place. In
//   place where y shares x's memory.
// x, update and y may have any strides; no attributes.
#include <limits>

#include "kernels/copy_strided.h"
#include "kernels/dispatch.h"

namespace cornu {
namespace {

std::int64_t read_start(const char* p, Dtype dtype) {
  return with_index(dtype, [&](auto zero) {
    auto value = *reinterpret_cast<const decltype(zero)*>(p);
    constexpr auto most = std::numeric_limits<std::int64_t>::max();
    if constexpr (sizeof(zero) == 8) {
      if (value > 0 && static_cast<std::uint64_t>(value) > static_cast<std::uint64_t>(most)) {
        return most;
      }
    }
    return static_cast<std::int64_t>(value);
  });
}

// The starts of a part of `whole`, read when the kernel runs.
class Starts {
 public:
  Starts(const Description& d, std::size_t first, const Operand& whole, const Operand& part)
      : first_(first), rank_(whole.rank) {
    require(d.inputs.size() == first + static_cast<std::size_t>(rank_),
            "there must be one start per axis");
    require(part.rank == rank_ && part.dtype == whole.dtype, "the part must be like the whole");
    auto size = static_cast<std::int64_t>(size_of(whole.dtype));
    for (int i = 0; i < rank_; ++i) {
      const Operand& start = d.inputs[first + static_cast<std::size_t>(i)];
      require(is_integer(start.dtype) && start.rank == 0, "a start must be a 0-d integer");
      dtypes_[i] = start.dtype;
      last_[i] = whole.shape[i] - part.shape[i];
      require(last_[i] >= 0, "the part is too large");
      strides_[i] = last_[i] == 0 ? 0 : whole.strides[i] * size;
    }
  }

  // Bytes from the first element of the whole.
  std::int64_t offset(const Context& context) const {
    std::int64_t total = 0;
    for (int i = 0; i < rank_; ++i) {
      std::int64_t start = read_start(context.operands[first_ + static_cast<std::size_t>(i)],
                                      dtypes_[i]);
      total += std::clamp(start, std::int64_t{0}, last_[i]) * strides_[i];
    }
    return total;
  }

 private:
  std::size_t first_;
  int rank_;
  Dtype dtypes_[max_rank] = {};
  std::int64_t last_[max_rank] = {};
  std::int64_t strides_[max_rank] = {};
};

StridedCopy strided(const Operand& from, const Operand& to, const Operand& shape) {
  return {shape.rank, shape.shape, from.strides, to.strides, size_of(from.dtype)};
}

class DynamicSlice : public Kernel {
 public:
  explicit DynamicSlice(const Description& d)
      : starts_(d, 1, d.inputs[0], d.outputs[0]),
        copy_(strided(d.inputs[0], d.outputs[0], d.outputs[0])),
        units_(cut(copy_.items(), copy_.item_bytes())),
        output_(d.inputs.size()) {
    phases[0].units = units_.count();
    bytes = 2 * bytes_of(d.outputs[0]);
  }

  void run(const Context& context, int, std::int64_t begin, std::int64_t end,
           char*) const override {
    copy_.run(context.operands[0] + starts_.offset(context), context.operands[output_],
              units_.first(begin), units_.first(end));
  }

 private:
  Starts starts_;
  StridedCopy copy_;
  Units units_;
  std::size_t output_;
};

class DynamicUpdateSlice : public Kernel {
 public:
  explicit DynamicUpdateSlice(const Description& d)
      : starts_(d, 2, d.outputs[0], d.inputs[1]),
        whole_(strided(d.inputs[0], d.outputs[0], d.outputs[0])),
        part_(strided(d.inputs[1], d.outputs[0], d.inputs[1])),
        whole_units_(cut(whole_.items(), whole_.item_bytes())),
        part_units_(cut(part_.items(), part_.item_bytes())),
        output_(d.inputs.size()) {
    const Operand &x = d.inputs[0], &update = d.inputs[1], &y = d.outputs[0];
    phases = {{whole_units_.count()}, {part_units_.count()}};
    bytes = 2 * (bytes_of(y) + bytes_of(update));
    // Sharing memory with x is meant, never with the update or a start.
    may_alias = same_layout(x, y) && !same_layout(update, y) && y.rank > 0;
  }

  void run(const Context& context, int phase, std::int64_t begin, std::int64_t end,
           char*) const override {
    char* y = context.operands[output_];
    if (phase == 0) {
      if (context.operands[0] == y) return;
      whole_.run(context.operands[0], y, whole_units_.first(begin), whole_units_.first(end));
    } else {
      part_.run(context.operands[1], y + starts_.offset(context), part_units_.first(begin),
                part_units_.first(end));
    }
  }

 private:
  Starts starts_;
  StridedCopy whole_, part_;
  Units whole_units_, part_units_;
  std::size_t output_;
};

}  // namespace

std::unique_ptr<Kernel> make_dynamic_slice(const Description& d) {
  require(!d.inputs.empty() && d.outputs.size() == 1, "dynamic_slice: operands are missing");
  return std::make_unique<DynamicSlice>(d);
}

std::unique_ptr<Kernel> make_dynamic_update_slice(const Description& d) {
  require(d.inputs.size() >= 2 && d.outputs.size() == 1,
          "dynamic_update_slice: operands are missing");
  require(d.inputs[0].dtype == d.outputs[0].dtype && same_shape(d.inputs[0], d.outputs[0]),
          "dynamic_update_slice: the result must be like `x`");
  return std::make_unique<DynamicUpdateSlice>(d);
}

}  // namespace cornu
