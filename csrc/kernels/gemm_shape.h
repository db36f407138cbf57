// A product of matrices, or a batch of them, as its kernels want it.
#pragma once

#include <cstdint>
#include <vector>

#include "core/types.h"

namespace cornu {

struct GemmShape {
  struct BatchAxis {
    std::int64_t size, a, b, c, d;  // strides
  };
  std::int64_t m = 0, n = 0, k = 0;
  std::int64_t a_m = 0, a_k = 0, b_k = 0, b_n = 0, c_m = 0, c_n = 0;
  std::int64_t d_m = 0, d_n = 0;  // of the addend
  std::vector<BatchAxis> batch;  // outermost first; merged as far as the strides allow
  std::int64_t batches = 1;
  bool has_bias = false;
  bool bias_by_row = false;  // the two operands were exchanged
  bool relu = false;
  bool has_addend = false;
  bool exchanged = false;  // a is the description's second input

  double flops() const {
    return 2.0 * static_cast<double>(batches) * static_cast<double>(m) * static_cast<double>(n) *
           static_cast<double>(k);
  }

  // Offsets of a batch's matrices.
  struct Place {
    std::int64_t a = 0, b = 0, c = 0, d = 0;
  };
  Place place(std::int64_t index) const;
};

// Verifies a description and chooses which operand goes by rows: c_n is 1, or n is; so is d_n.
GemmShape gemm_shape(const Description& description);

}  // namespace cornu
