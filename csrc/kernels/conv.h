// Convolutions of images, as the kernels of the forward pass and of its gradients use them.
#pragma once

#include <vector>

#include "core/kernel.h"
#include "kernels/conv_shape.h"
#include "kernels/conv_weights.h"
#include "kernels/microkernel.h"

namespace cornu {

// Operands x, w[, bias], y. Phase 0 packs w, phase 1 convolves.
template <typename T>
class Correlation final : public Kernel {
 public:
  Correlation(const ConvShape& shape, const ConvPanels<T>& weights, bool pack);

  void run(const Context& context, int phase, std::int64_t begin, std::int64_t end,
           char* scratch_bytes) const override;

 private:
  // One panel's filters on a unit's pixels.
  void convolve(const T* x, const T* w, const T* bias, T* y, const ConvUnits::Unit& unit,
                std::int64_t index) const;
  void walk(Tile<T>& tile, int vectors, const T* x, T* y, std::int64_t pixels,
            std::int64_t rows) const;

  ConvShape s_;
  ConvPanels<T> weights_;
  bool pack_;
  ConvUnits units_;
  ImageLayout layout_;
  std::vector<std::int64_t> runs_;
  std::int64_t length_ = 0;
  Pieces blocks_;  // of runs
  Pieces groups_;  // of panels, one to a unit
};

// A convolution that is a product of matrices (window of one pixel, or nothing to add up at all).
std::unique_ptr<Kernel> make_conv_as_product(const Description& description, const ConvShape& shape,
                                             ConvRole role);

}  // namespace cornu
