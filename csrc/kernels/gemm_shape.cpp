#include "kernels/gemm_shape.h"

#include <utility>

#include "kernels/units.h"

namespace cornu {
namespace {

using BatchAxis = GemmShape::BatchAxis;

void verify(const Description& d) {
  require(d.attributes.size() == 3, "gemm: three attributes expected");
  const bool has_bias = d.attributes[0] != 0;
  require(d.attributes[0] == 0 || d.attributes[0] == 1, "gemm: has_bias must be 0 or 1");
  require(d.attributes[1] == 0 || d.attributes[1] == 1, "gemm: unknown activation");
  const bool has_addend = d.attributes[2] != 0;
  require(d.attributes[2] == 0 || d.attributes[2] == 1, "gemm: has_addend must be 0 or 1");
  require(d.inputs.size() == 2u + has_bias + has_addend && d.outputs.size() == 1,
          "gemm: wrong number of operands");
  const Operand &a = d.inputs[0], &b = d.inputs[1], &c = d.outputs[0];
  const bool known = a.dtype == Dtype::float32 || a.dtype == Dtype::float64;
  require(known && b.dtype == a.dtype && c.dtype == a.dtype,
          "gemm: operands must be float32 or float64, all alike");
  require(a.rank >= 2 && b.rank == a.rank && c.rank == a.rank, "gemm: ranks differ");
  const int row = a.rank - 2, column = a.rank - 1;
  for (int i = 0; i < row; ++i) {
    require(a.shape[i] == c.shape[i] && b.shape[i] == c.shape[i], "gemm: batch axes differ");
  }
  require(a.shape[row] == c.shape[row] && b.shape[column] == c.shape[column] &&
              a.shape[column] == b.shape[row],
          "gemm: shapes don't fit");
  for (int i = 0; i < c.rank; ++i) {
    require(c.shape[i] <= 1 || c.strides[i] > 0 || c.size() == 0,
            "gemm: the result overlaps itself");
  }
  if (has_bias) {
    const Operand& bias = d.inputs[2];
    require(bias.dtype == a.dtype && bias.rank == 1 && bias.shape[0] == c.shape[column] &&
                (bias.contiguous() || bias.shape[0] == 0),
            "gemm: the bias must be a contiguous vector, one element per column");
  }
  if (has_addend) {
    const Operand& addend = d.inputs.back();
    require(addend.dtype == a.dtype && same_shape(addend, c),
            "gemm: the addend must have the result's dtype and shape");
  }
}

// Axes of one element vanish; neighbours whose strides compose become one axis.
std::vector<BatchAxis> merged(const Operand& a, const Operand& b, const Operand& c,
                              const Operand* d) {
  std::vector<BatchAxis> axes;
  for (int i = 0; i < c.rank - 2; ++i) {
    const BatchAxis axis{c.shape[i], a.strides[i], b.strides[i], c.strides[i],
                         d ? d->strides[i] : 0};
    if (axis.size == 1) continue;
    if (!axes.empty()) {
      BatchAxis& outer = axes.back();
      if (outer.a == axis.a * axis.size && outer.b == axis.b * axis.size &&
          outer.c == axis.c * axis.size && outer.d == axis.d * axis.size) {
        outer = {outer.size * axis.size, axis.a, axis.b, axis.c, axis.d};
        continue;
      }
    }
    axes.push_back(axis);
  }
  return axes;
}

// A batch that shares b is a longer a.
void fold_into_rows(GemmShape& s) {
  while (!s.batch.empty()) {
    const BatchAxis& axis = s.batch.back();
    if (axis.b != 0) return;
    if (s.m == 1) {
      if (s.c_n != 1 && s.n > 1 && axis.c != 1) return;  // neither way would be contiguous
      s.a_m = axis.a;
      s.c_m = axis.c;
      s.d_m = axis.d;
    } else if (axis.a != s.a_m * s.m || axis.c != s.c_m * s.m || axis.d != s.d_m * s.m) {
      return;
    }
    s.m *= axis.size;
    s.batch.pop_back();
  }
}

// The stride of an axis of one element (or none) means nothing: then it is what suits best.
void tidy(GemmShape& s) {
  if (s.m <= 1) s.a_m = s.c_m = s.d_m = 1;
  if (s.n <= 1) s.b_n = s.c_n = s.d_n = 1;
  if (s.k <= 1) s.a_k = s.b_k = 1;
}

void exchange(GemmShape& s) {
  std::swap(s.m, s.n);
  const GemmShape was = s;
  s.a_m = was.b_n;
  s.a_k = was.b_k;
  s.b_k = was.a_k;
  s.b_n = was.a_m;
  s.c_m = was.c_n;
  s.c_n = was.c_m;
  s.d_m = was.d_n;
  s.d_n = was.d_m;
  for (BatchAxis& axis : s.batch) std::swap(axis.a, axis.b);
  s.exchanged = true;
  s.bias_by_row = s.has_bias;
}

// Vectors go along n. A single row or column leaves the choice: then n is the one that is
// contiguous in its matrix, or the matrix goes by rows and the vector is its partner in dot
// products.
bool wants_exchange(const GemmShape& s) {
  const bool along_n = s.c_n == 1, along_m = s.c_m == 1;
  require(along_n || along_m, "gemm: the result must be contiguous along its rows or columns");
  if (!along_n || !along_m) return !along_n;
  if (s.n == 1 && s.m > 1) return s.a_m == 1 && s.a_k != 1;
  if (s.m == 1 && s.n > 1) return s.b_k == 1 && s.b_n != 1;
  return false;
}

}  // namespace

GemmShape::Place GemmShape::place(std::int64_t index) const {
  Place at;
  for (std::size_t i = batch.size(); i-- > 0;) {
    const std::int64_t j = index % batch[i].size;
    index /= batch[i].size;
    at.a += j * batch[i].a;
    at.b += j * batch[i].b;
    at.c += j * batch[i].c;
    at.d += j * batch[i].d;
  }
  return at;
}

GemmShape gemm_shape(const Description& d) {
  verify(d);
  const Operand &a = d.inputs[0], &b = d.inputs[1], &c = d.outputs[0];
  const int row = a.rank - 2, column = a.rank - 1;
  GemmShape s;
  s.m = a.shape[row];
  s.k = a.shape[column];
  s.n = b.shape[column];
  s.a_m = a.strides[row];
  s.a_k = a.strides[column];
  s.b_k = b.strides[row];
  s.b_n = b.strides[column];
  s.c_m = c.strides[row];
  s.c_n = c.strides[column];
  s.has_bias = d.attributes[0] != 0;
  s.relu = d.attributes[1] != 0;
  s.has_addend = d.attributes[2] != 0;
  if (s.has_addend) {
    s.d_m = d.inputs.back().strides[row];
    s.d_n = d.inputs.back().strides[column];
  }
  s.batch = merged(a, b, c, s.has_addend ? &d.inputs.back() : nullptr);
  fold_into_rows(s);
  tidy(s);
  if (wants_exchange(s)) exchange(s);
  require(!s.has_addend || s.d_n == 1 || d.outputs[0].size() == 0,
          "gemm: the addend must be contiguous along the same axis as the result");
  for (const BatchAxis& axis : s.batch) s.batches *= axis.size;
  return s;
}

}  // namespace cornu
