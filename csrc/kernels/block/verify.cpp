#include "kernels/block/verify.h"

#include <map>
#include <tuple>

namespace cornu::block {
namespace {

// Which memory of the thread a register has: none of a different kind or size shares it, so that an
// operation never overwrites elements that it still has to read.
std::tuple<std::int64_t, Kind, std::size_t> place_of(const Register& r) {
  return {r.index, r.kind, size_of(r.dtype)};
}

bool is_flat(const Operand& o) { return o.size() == 0 || o.contiguous(); }

class Verifier {
 public:
  Verifier(const Program& program, const Description& description)
      : program_(program),
        description_(description),
        inputs_(static_cast<std::int64_t>(description.inputs.size())),
        operands_(inputs_ + static_cast<std::int64_t>(description.outputs.size())),
        in_pieces_(program.cols > longest_row),
        written_(static_cast<std::size_t>(operands_), false) {}

  void run() {
    for (const Register& r : program_.registers) check_register(r);
    defined_.assign(program_.registers.size(), false);
    for (std::size_t i = 0; i < defined_.size(); ++i) {
      const Register& r = program_.registers[i];
      defined_[i] = r.storage == Storage::constant || is_input(r) || r.storage == Storage::column;
    }
    for (const Operation& o : program_.prologue) {
      require(at(o.dst).kind == Kind::one, "a prologue works on single elements");
      check_operation(o);
    }
    // Twice: what a block reads must hold after another block too.
    for (int pass = 0; pass < 2; ++pass) {
      for (const Operation& o : program_.body) check_operation(o);
      for (const Result& r : program_.results) check_result(r, pass == 0);
    }
    for (std::size_t i = 0; i < defined_.size(); ++i) {
      require(defined_[i] || !is_output(program_.registers[i]), "an output is never written");
    }
    for (std::int64_t i = inputs_; i < operands_; ++i) {
      require(written_[static_cast<std::size_t>(i)], "nothing writes an output");
    }
  }

 private:
  const Register& at(int i) const { return program_.registers[static_cast<std::size_t>(i)]; }

  const Operand& operand(std::int64_t i) const {
    require(i >= 0 && i < operands_, "a register is bound to no operand");
    return i < inputs_ ? description_.inputs[static_cast<std::size_t>(i)]
                       : description_.outputs[static_cast<std::size_t>(i - inputs_)];
  }

  bool has_operand(const Register& r) const {
    return r.storage == Storage::bound || r.storage == Storage::column ||
           r.storage == Storage::strided;
  }
  bool is_input(const Register& r) const { return has_operand(r) && r.index < inputs_; }
  bool is_output(const Register& r) const { return has_operand(r) && r.index >= inputs_; }

  void check_register(const Register& r) {
    if (r.storage == Storage::constant) {
      require(r.kind == Kind::one, "a constant is a single element");
      return;
    }
    if (r.storage == Storage::scratch) return;
    const Operand& o = operand(r.index);
    require(o.dtype == r.dtype, "a register's dtype isn't that of its operand");
    const std::int64_t size = o.size();
    const std::int64_t all = program_.rows * program_.cols;
    if (r.storage == Storage::strided) {
      require(r.kind == Kind::all && size == all, "a strided operand must have every element");
    } else if (r.storage == Storage::column) {
      require(r.kind == Kind::all && is_input(r), "a column vector is an input");
      require(size == program_.cols && is_flat(o), "a column vector must have all columns");
    } else if (r.kind == Kind::all) {
      require(size == all && is_flat(o), "a bound operand must have every element");
    } else if (r.kind == Kind::row) {
      require(size == program_.rows && is_flat(o), "a bound operand must have every row");
      require(!(in_pieces_ && is_output(r)), "rows in pieces can't be written as one element");
    } else {
      const bool key = size == 2 && r.dtype == Dtype::uint32 && is_input(r) && is_flat(o);
      require(size == 1 || key, "a bound operand must have one element");
    }
    if (is_output(r)) take(r.index);
  }

  // One register or result writes an output, no more.
  void take(std::int64_t index) {
    require(!written_[static_cast<std::size_t>(index)], "two registers write one output");
    written_[static_cast<std::size_t>(index)] = true;
  }

  void read(int i) const {
    require(defined_[static_cast<std::size_t>(i)], "a register is read before it is written");
  }

  void write(int i) {
    const Register& r = at(i);
    require(r.storage == Storage::scratch || is_output(r), "a register can't be written");
    if (r.storage == Storage::scratch) {  // whoever had this memory has lost it
      const auto found = owners_.find(place_of(r));
      if (found != owners_.end()) defined_[static_cast<std::size_t>(found->second)] = false;
      owners_[place_of(r)] = i;
    }
    defined_[static_cast<std::size_t>(i)] = true;
  }

  void same(int i, Dtype dtype) const {
    require(at(i).dtype == dtype, "an operation's registers differ in dtype");
  }

  void check_operation(const Operation& o) {
    const Register& dst = at(o.dst);
    const int arity = arity_of(o.op);
    for (int i = 0; i < arity; ++i) read(o.operands[i]);
    const Family family = family_of(o.op);
    const Dtype dtype = dtype_of(program_, o);
    require(find(o.op, dtype, Form{}, dst.dtype) != nullptr, "an operation lacks this dtype");
    switch (family) {
      case Family::unary_truth:
      case Family::binary_truth:
        same(o.dst, Dtype::boolean);
        break;
      case Family::row_place:
        same(o.dst, Dtype::int32);
        break;
      case Family::random:
        same(o.dst, Dtype::uint32);
        break;
      case Family::cast:
        break;
      default:
        same(o.dst, dtype);
    }
    if (family == Family::select) same(o.operands[0], Dtype::boolean);
    for (int i = family == Family::select ? 1 : 0; i < arity; ++i) same(o.operands[i], dtype);
    check_kinds(o, family, arity);
    write(o.dst);
  }

  void check_kinds(const Operation& o, Family family, int arity) const {
    const Kind dst = at(o.dst).kind;
    const Kind a = arity > 0 ? at(o.operands[0]).kind : dst;
    switch (family) {
      case Family::row_same:
      case Family::row_place:
        require(dst == Kind::row && a == Kind::all, "a row reduction goes from blocks to rows");
        require(!in_pieces_, "long rows can't be reduced block by block");
        require(family == Family::row_same || program_.cols > 0, "no place in an empty row");
        return;
      case Family::expand:
        require(a > dst, "an expansion goes from rows to blocks, or from one to many");
        return;
      case Family::iota:
        require(dst == Kind::all, "a flat index belongs to a block");
        return;
      case Family::random:
        require(dst == Kind::all && a == Kind::one && has_key(o.operands[0]),
                "random words need a block and a key of two words");
        require(program_.rows * program_.cols < (std::int64_t{1} << 33), "too many random words");
        return;
      default:
        break;
    }
    if (o.op == Op::identity) {
      require(a >= dst, "a copy can't lose elements");
      return;
    }
    bool some = false;
    for (int i = 0; i < arity; ++i) {
      const Kind kind = at(o.operands[i]).kind;
      require(kind == dst || kind == Kind::one, "an operation mixes rows and blocks");
      some = some || kind == dst;
    }
    require(some, "an operation on single elements makes a single element");
  }

  bool has_key(int i) const {
    return at(i).storage == Storage::bound && operand(at(i).index).size() == 2;
  }

  void check_result(const Result& r, bool first) {
    read(r.source);
    const Register& source = at(r.source);
    require(source.kind != Kind::one, "a result needs more than one element");
    require(!in_pieces_ || (source.kind == Kind::all && !r.column),
            "long rows have totals of blocks only");
    require(!r.column || source.kind == Kind::all, "a column's result comes from blocks");
    const Op op = r.fold == Fold::sum   ? Op::add
                  : r.fold == Fold::max ? Op::maximum
                                        : Op::minimum;
    require(find(op, source.dtype, Form{}, source.dtype) != nullptr, "a result lacks this dtype");
    require(r.output >= inputs_, "a result goes to an output");
    const Operand& o = operand(r.output);
    require(o.dtype == source.dtype && is_flat(o), "a result doesn't fit its output");
    require(o.size() == (r.column ? program_.cols : 1), "a result doesn't fit its output");
    if (first) take(r.output);
  }

  const Program& program_;
  const Description& description_;
  std::int64_t inputs_;
  std::int64_t operands_;
  bool in_pieces_;
  std::vector<bool> written_;
  std::vector<bool> defined_;
  std::map<std::tuple<std::int64_t, Kind, std::size_t>, int> owners_;
};

}  // namespace

void verify(const Program& program, const Description& description) {
  Verifier(program, description).run();
}

}  // namespace cornu::block
