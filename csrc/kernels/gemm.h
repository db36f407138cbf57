// Products of matrices in float32 and float64.
#pragma once

#include "core/kernel.h"
#include "kernels/gemm_shape.h"
#include "kernels/microkernel.h"

namespace cornu {

template <typename T>
class Gemm final : public Kernel {
 public:
  explicit Gemm(const GemmShape& shape);

  void run(const Context& context, int phase, std::int64_t begin, std::int64_t end,
           char* scratch_bytes) const override;

  // Units [begin, end) on operands as `GemmShape` orders them; `packed`: `scratch` bytes.
  void multiply(const T* a, const T* b, const T* bias, T* c, std::int64_t begin, std::int64_t end,
                T* packed) const;

 private:
  struct Block {
    std::int64_t top, bottom;  // rows
    std::int64_t left, right;  // panels
  };

  void cut(double per_matrix);
  void dots(const T* a, const T* b, const T* bias, T* c, const Block& block, T* packed) const;
  void tiles(const T* a, const T* b, const T* bias, T* c, const Block& block, T* packed) const;
  void put_bias(const T* bias, T* c, const Block& block) const;
  std::int64_t dot_stride() const;

  GemmShape s_;
  Panels<T> panels_;
  Pieces depth_;   // blocks of k
  Pieces rows_;    // blocks of rows, one to a unit
  Pieces groups_;  // groups of panels, one to a unit
  std::int64_t matrices_per_unit_ = 1;
  bool by_dots_ = false;
  bool pack_a_ = false, pack_b_ = false;
  std::int64_t packed_b_ = 0;  // elements of scratch before a's copy
};

}  // namespace cornu
