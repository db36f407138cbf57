// Convolutions with one input channel to a group, vectorized along the channels.
#pragma once

#include <memory>

#include "core/kernel.h"
#include "kernels/conv_shape.h"

namespace cornu {

std::unique_ptr<Kernel> make_depthwise(const ConvShape& shape);
std::unique_ptr<Kernel> make_depthwise_grad_input(const ConvShape& shape);
std::unique_ptr<Kernel> make_depthwise_grad_kernel(const ConvShape& shape);

}  // namespace cornu
