// Convolutions that are products of matrices.
#include "kernels/conv.h"

namespace cornu {
namespace {

Operand matrix(Dtype dtype, std::int64_t rows, std::int64_t columns, bool transposed = false) {
  Operand m;
  m.dtype = dtype;
  m.rank = 2;
  m.shape[0] = rows;
  m.shape[1] = columns;
  m.strides[0] = transposed ? 1 : columns;
  m.strides[1] = transposed ? rows : 1;
  return m;
}

}  // namespace

std::unique_ptr<Kernel> make_conv_as_product(const Description& d, const ConvShape& s,
                                             ConvRole role) {
  // Nothing to add up: sums of no terms, which are zero, or the bias.
  const bool empty = s.empty();
  const std::int64_t in = s.n * s.in_pixels(), out = s.n * s.out_pixels();
  Description product;
  if (role == ConvRole::forward) {
    const std::int64_t k = empty ? 0 : s.c;
    product.inputs = {matrix(s.dtype, out, k), matrix(s.dtype, k, s.f)};
    if (s.has_bias) product.inputs.push_back(d.inputs[2]);
    product.outputs = {matrix(s.dtype, out, s.f)};
  } else if (role == ConvRole::grad_input) {
    const std::int64_t k = empty ? 0 : s.f;
    product.inputs = {matrix(s.dtype, in, k), matrix(s.dtype, k, s.c, true)};
    product.outputs = {matrix(s.dtype, in, s.c)};
  } else {
    const std::int64_t k = empty ? 0 : in, m = s.taps() * s.c_in_group();
    product.inputs = {matrix(s.dtype, m, k, true), matrix(s.dtype, k, s.f)};
    product.outputs = {matrix(s.dtype, m, s.f)};
  }
  product.attributes = {s.has_bias ? 1 : 0, s.relu ? 1 : 0, 0};
  return make_gemm(product);
}

}  // namespace cornu
