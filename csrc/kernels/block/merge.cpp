// Operations that are replaced by cheaper ones with the same bits: a product that is only added to
// something needs no memory of its own (it is rounded before the sum, as if apart), nor do copies of
// a row's element all along the row.
#include <cstring>
#include <utility>

#include "kernels/block/loops.h"
#include "kernels/block/program.h"

namespace cornu::block {
namespace {

struct MultiplyAdd {
  static float apply(float a, float b, float c) { return a * b + c; }
};
struct MultiplySubtract {
  static float apply(float a, float b, float c) { return a * b - c; }
};
struct SubtractProduct {
  static float apply(float a, float b, float c) { return c - a * b; }
};

template <typename F, bool b_one, bool c_one>
void triple_loop(char* dst, const char* a, const char* b, const char* c, std::int64_t n,
                 const Block&) {
  float* d = reinterpret_cast<float*>(dst);
  const float* x = reinterpret_cast<const float*>(a);
  const float* y = reinterpret_cast<const float*>(b);
  const float* z = reinterpret_cast<const float*>(c);
  if (n == 0) return;
  const float y0 = y[0];
  const float z0 = z[0];
  CORNU_INDEPENDENT
  for (std::int64_t i = 0; i < n; ++i) {
    d[i] = F::apply(x[i], b_one ? y0 : y[i], c_one ? z0 : z[i]);
  }
}

template <typename F>
Function pick_triple(Form form) {
  if (form.b_one && form.c_one) return &triple_loop<F, true, true>;
  if (form.b_one) return &triple_loop<F, true, false>;
  if (form.c_one) return &triple_loop<F, false, true>;
  return &triple_loop<F, false, false>;
}

// In shorter rows the copies cost less than a loop for each row, which wants a whole vector too.
constexpr std::int64_t shortest_row = 16;

class Merger {
 public:
  explicit Merger(Program& program) : program_(program), body_(program.body) {}

  void run() {
    for (Operation& o : body_) square(o);
    for (std::size_t i = 0; i < body_.size();) {
      if (!merge_from(i)) ++i;
    }
    if (program_.cols < shortest_row) return;
    for (std::size_t i = 0; i < body_.size();) {
      if (!take_rows(i)) ++i;
    }
  }

 private:
  const Register& at(int i) const { return program_.registers[static_cast<std::size_t>(i)]; }

  bool is_block_of_floats(int i) const {
    return at(i).kind == Kind::all && at(i).dtype == Dtype::float32;
  }

  // power(x, 2), which is a hundred times slower.
  void square(Operation& o) const {
    if (o.op != Op::power || at(o.operands[1]).storage != Storage::constant) return;
    const Register& exponent = at(o.operands[1]);
    const auto bits = static_cast<std::uint64_t>(exponent.index);
    double value = 0;
    if (exponent.dtype == Dtype::float32) {
      float narrow;
      std::memcpy(&narrow, &bits, sizeof narrow);
      value = narrow;
    } else {
      std::memcpy(&value, &bits, sizeof value);
    }
    if (value != 2) return;
    o.op = Op::multiply;
    o.operands[1] = o.operands[0];
  }

  bool reads(const Operation& o, int reg) const {
    return o.operands[0] == reg || o.operands[1] == reg || o.operands[2] == reg;
  }

  // Whether a write to `written` may change what `reg` holds: outputs may be an input's memory.
  bool may_change(int written, int reg) const {
    const Register& w = at(written);
    const Register& r = at(reg);
    if (written == reg) return true;
    if (w.storage != Storage::scratch) return r.storage == Storage::bound;
    return r.storage == Storage::scratch && w.index == r.index && w.kind == r.kind &&
           size_of(w.dtype) == size_of(r.dtype);
  }

  // Merges the product at `i` into the sum that reads it, if no other operation does.
  bool merge_from(std::size_t i) {
    const Operation product = body_[i];
    const int t = product.dst;
    if (product.op != Op::multiply || !is_block_of_floats(t)) return false;
    if (at(t).storage != Storage::scratch) return false;
    int a = product.operands[0];
    int b = product.operands[1];
    if (at(a).kind == Kind::one) std::swap(a, b);
    if (at(a).kind == Kind::one) return false;
    std::size_t j = i + 1;
    for (; j < body_.size() && !reads(body_[j], t); ++j) {
      const int dst = body_[j].dst;
      if (may_change(dst, a) || may_change(dst, b) || may_change(dst, t)) return false;
    }
    if (j == body_.size()) return false;
    Operation& sum = body_[j];
    const bool first = sum.operands[0] == t;
    const int other = sum.operands[first ? 1 : 0];
    if ((sum.op != Op::add && sum.op != Op::subtract) || other == t) return false;
    if (sum.dst != t && is_read_after(j, t)) return false;
    sum = {sum.op == Op::add ? Op::multiply_add
           : first           ? Op::multiply_subtract
                             : Op::subtract_product,
           sum.dst,
           {a, b, other}};
    body_.erase(body_.begin() + static_cast<std::ptrdiff_t>(i));
    return true;
  }

  // Lets operations read a row's element themselves instead of its copies, which `i` makes; removes
  // that if nobody needs it any more.
  bool take_rows(std::size_t i) {
    const int t = body_[i].dst;
    if (body_[i].op != Op::expand || !is_block_of_floats(t)) return false;
    const int row = body_[i].operands[0];
    if (at(row).kind != Kind::row || at(t).storage != Storage::scratch) return false;
    bool same = true;  // `row` still has the values that were copied
    bool needed = false;
    for (std::size_t j = i + 1; j < body_.size(); ++j) {
      Operation& o = body_[j];
      same = same && !may_change(o.dst, row);
      if (reads(o, t)) {
        int* const operands = o.operands;
        const bool first = operands[0] == t;
        const int other = operands[first ? 1 : 0];
        const bool found = same && other != t && other >= 0 && at(other).kind == Kind::all &&
                           find_with_rows(o.op, Dtype::float32, Form{}) != nullptr;
        if (found) operands[first ? 0 : 1] = row;
        needed = needed || !found;
      }
      if (o.dst == t) return remove_unless(needed, i);
    }
    for (const Result& r : program_.results) needed = needed || r.source == t;
    return remove_unless(needed, i);
  }

  bool remove_unless(bool needed, std::size_t i) {
    if (!needed) body_.erase(body_.begin() + static_cast<std::ptrdiff_t>(i));
    return !needed;
  }

  bool is_read_after(std::size_t j, int t) const {
    for (std::size_t k = j + 1; k < body_.size(); ++k) {
      if (reads(body_[k], t)) return true;
      if (body_[k].dst == t) return false;
    }
    for (const Result& r : program_.results) {
      if (r.source == t) return true;
    }
    return false;
  }

  Program& program_;
  std::vector<Operation>& body_;
};

}  // namespace

void merge(Program& program) { Merger(program).run(); }

Function find_merged(Op op, Dtype dtype, Form form) {
  if (dtype != Dtype::float32) return nullptr;
  switch (op) {
    case Op::multiply_add:
      return pick_triple<MultiplyAdd>(form);
    case Op::multiply_subtract:
      return pick_triple<MultiplySubtract>(form);
    case Op::subtract_product:
      return pick_triple<SubtractProduct>(form);
    default:
      return nullptr;
  }
}

}  // namespace cornu::block
