// Products of float16 and bfloat16 matrices, with the arithmetic in float32.
#pragma once

#include <memory>

#include "core/kernel.h"

namespace cornu {

std::unique_ptr<Kernel> make_gemm_half(const Description& description);

}  // namespace cornu
