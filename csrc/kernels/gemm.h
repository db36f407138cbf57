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

  // A product's operands as `GemmShape` orders them; bias and addend may be null.
  struct Operands {
    const T *a, *b, *bias, *addend;
    T* c;

    Operands at(const GemmShape::Place& place) const {
      return {a + place.a, b + place.b, bias, addend ? addend + place.d : nullptr, c + place.c};
    }
  };

  // Units [begin, end); `packed`: `scratch` bytes.
  void multiply(const Operands& o, std::int64_t begin, std::int64_t end, T* packed) const;

 private:
  struct Block {
    std::int64_t top, bottom;  // rows
    std::int64_t left, right;  // panels
  };

  void cut(double per_matrix);
  void dots(const Operands& o, const Block& block, T* packed) const;
  void blocks_of_dots(const Operands& o, const Block& block, T* sums) const;
  void tiles(const Operands& o, const Block& block, T* packed) const;
  void short_sums(const Operands& o, const Block& block, const Tile<T>& panel,
                  std::int64_t column, int vectors) const;
  void put_bias(const Operands& o, const Block& block) const;
  std::int64_t dot_stride() const;

  GemmShape s_;
  Panels<T> panels_;
  Pieces depth_;   // blocks of k
  Pieces rows_;    // blocks of rows, one to a unit
  Pieces groups_;  // groups of panels, one to a unit
  std::int64_t matrices_per_unit_ = 1;
  bool by_dots_ = false;         // few columns
  bool by_dot_blocks_ = false;  // few rows
  bool pack_a_ = false, pack_b_ = false;
  std::int64_t packed_b_ = 0;  // elements of scratch before a's copy
};

}  // namespace cornu
