// The transcendental functions of float32.
#include "kernels/block/functions.h"
#include "kernels/block/ops.h"

namespace cornu::block {
namespace {

const float* floats(const char* p) { return reinterpret_cast<const float*>(p); }

template <Floats (*function)(Floats)>
void unary(char* dst, const char* a, const char*, const char*, std::int64_t n, const Block&) {
  float* d = reinterpret_cast<float*>(dst);
  const float* x = floats(a);
  constexpr int width = lanes<float>;
  std::int64_t i = 0;
  for (; i + width <= n; i += width) store(d + i, function(load(x + i)));
  if (i < n) {
    const int rest = static_cast<int>(n - i);
    store_part(d + i, function(load_part(x + i, rest)), rest);
  }
}

template <Floats (*function)(Floats, Floats), bool a_one, bool b_one>
void binary(char* dst, const char* a, const char* b, const char*, std::int64_t n, const Block&) {
  if (n == 0) return;
  float* d = reinterpret_cast<float*>(dst);
  const float* x = floats(a);
  const float* y = floats(b);
  const Floats x0 = splat(x[0]);
  const Floats y0 = splat(y[0]);
  constexpr int width = lanes<float>;
  std::int64_t i = 0;
  for (; i + width <= n; i += width) {
    store(d + i, function(a_one ? x0 : load(x + i), b_one ? y0 : load(y + i)));
  }
  if (i < n) {
    const int rest = static_cast<int>(n - i);
    Floats p = a_one ? x0 : load_part(x + i, rest);
    Floats q = b_one ? y0 : load_part(y + i, rest);
    for (int k = rest; k < width; ++k) p[k] = q[k] = 1;  // cheap, where 0 may take the slow path
    store_part(d + i, function(p, q), rest);
  }
}

template <Floats (*function)(Floats, Floats)>
Function pick(Form form) {
  if (form.a_one) return &binary<function, true, false>;
  if (form.b_one) return &binary<function, false, true>;
  return &binary<function, false, false>;
}

}  // namespace

Function find_float32(Op op, Form form) {
  switch (op) {
    case Op::exp:
      return &unary<exp>;
    case Op::expm1:
      return &unary<expm1>;
    case Op::log:
      return &unary<log>;
    case Op::log1p:
      return &unary<log1p>;
    case Op::tanh:
      return &unary<tanh>;
    case Op::sigmoid:
      return &unary<sigmoid>;
    case Op::erf:
      return &unary<erf>;
    case Op::sin:
      return &unary<sin>;
    case Op::cos:
      return &unary<cos>;
    case Op::power:
      return pick<power>(form);
    default:
      return nullptr;
  }
}

}  // namespace cornu::block
