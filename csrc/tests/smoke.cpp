// The core without Python: a few plans on machines that are compiled for, or emulated, against
// plain loops. The kernels' own tests are in Python; here it counts that compiler, vectors, threads
// and exceptions of this target work.

#include <cmath>
#include <cstdio>
#include <cstring>
#include <exception>
#include <limits>
#include <string>
#include <vector>

#include "core/pool.h"
#include "core/simd.h"
#include "kernels/block/ops.h"
#include "tests/words.h"

namespace cornu::tests {
namespace {

int passed = 0, failed = 0;

void check(bool holds, const std::string& what) {
  std::printf("%s %s\n", holds ? "ok     " : "FAILED ", what.c_str());
  ++(holds ? passed : failed);
}

std::vector<float> numbers(std::int64_t count, std::uint32_t seed) {
  std::vector<float> values(static_cast<std::size_t>(count));
  for (float& v : values) {
    seed = seed * 1664525u + 1013904223u;
    v = static_cast<float>(seed >> 8) / 8388608.0f - 1.0f;
  }
  return values;
}

bool near(const std::vector<float>& got, const std::vector<double>& expected, double bound) {
  if (got.size() != expected.size()) return false;
  for (std::size_t i = 0; i < got.size(); ++i) {
    if (!(std::fabs(got[i] - expected[i]) <= bound)) {
      std::printf("  at %zu: %.9g instead of %.9g\n", i, static_cast<double>(got[i]), expected[i]);
      return false;
    }
  }
  return true;
}

std::size_t at(std::int64_t i) { return static_cast<std::size_t>(i); }

std::vector<float> product(std::int64_t m, std::int64_t k, std::int64_t n, bool transposed) {
  std::vector<float> a = numbers(m * k, 1), b = numbers(k * n, 2), bias = numbers(n, 3);
  std::vector<float> c(at(m * n), -1.0f);
  Words plan;
  int x = plan.external(Dtype::float32, {m, k});
  if (transposed) x = plan.view(x, {m, k}, {1, m});
  const int y = plan.external(Dtype::float32, {k, n});
  const int z = plan.external(Dtype::float32, {n});
  plan.instruction("gemm", {x, y, z}, {plan.external(Dtype::float32, {m, n}, true)}, {1, 1, 0});
  plan.run({a.data(), b.data(), bias.data(), c.data()});
  std::vector<double> expected(at(m * n));
  for (std::int64_t i = 0; i < m; ++i) {
    for (std::int64_t j = 0; j < n; ++j) {
      double sum = bias[at(j)];
      for (std::int64_t l = 0; l < k; ++l) {
        sum += static_cast<double>(a[at(transposed ? l * m + i : i * k + l)]) * b[at(l * n + j)];
      }
      expected[at(i * n + j)] = sum > 0 ? sum : 0;
    }
  }
  check(near(c, expected, 1e-5 * static_cast<double>(k)),
        "gemm " + std::to_string(m) + "x" + std::to_string(k) + "x" + std::to_string(n) +
            (transposed ? ", transposed" : ""));
  return c;
}

void convolution() {
  constexpr std::int64_t n = 2, size = 9, channels = 5, filters = 19, out = size - 2;
  std::vector<float> x = numbers(n * size * size * channels, 4);
  std::vector<float> w = numbers(9 * channels * filters, 5);
  std::vector<float> y(at(n * out * out * filters), -1.0f);
  Words plan;
  const int image = plan.external(Dtype::float32, {n, size, size, channels});
  const int kernel = plan.external(Dtype::float32, {3, 3, channels, filters});
  const int result = plan.external(Dtype::float32, {n, out, out, filters}, true);
  plan.instruction("conv", {image, kernel}, {result}, {2, 1, 1, 0, 0, 1, 1, 1, 0, 0});
  plan.run({x.data(), w.data(), y.data()});
  std::vector<double> expected(y.size());
  for (std::int64_t b = 0; b < n; ++b) {
    for (std::int64_t p = 0; p < out * out; ++p) {
      for (std::int64_t f = 0; f < filters; ++f) {
        double sum = 0;
        for (std::int64_t t = 0; t < 9 * channels; ++t) {
          const std::int64_t c = t % channels, tap = t / channels;
          const std::int64_t row = p / out + tap / 3, column = p % out + tap % 3;
          sum += static_cast<double>(x[at(((b * size + row) * size + column) * channels + c)]) *
                 w[at(t * filters + f)];
        }
        expected[at((b * out * out + p) * filters + f)] = sum;
      }
    }
  }
  check(near(y, expected, 1e-4), "conv 3x3");
}

std::int64_t code_of(const std::string& name) {
  for (const BlockOp& op : block_ops()) {
    if (op.name == name) return op.code;
  }
  throw PlanError("block programs lack " + name);
}

// y = f(x), and the sum of y over all rows, for each column.
void block(const std::string& name, double (*f)(double), std::int64_t rows, std::int64_t cols,
           double bound) {
  std::vector<float> x = numbers(rows * cols, 6), y(x.size(), 7.0f), sums(at(cols), 7.0f);
  Words plan;
  const int a = plan.external(Dtype::float32, {rows, cols});
  const int b = plan.external(Dtype::float32, {rows, cols}, true);
  const int s = plan.external(Dtype::float32, {cols}, true);
  const auto f32 = static_cast<std::int64_t>(Dtype::float32);
  plan.instruction("block", {a}, {b, s},
                   {rows, cols, 2, 0, 1, 1,               // sizes
                    0, f32, 1, 0, 0, f32, 1, 1,           // registers: x, y
                    code_of(name), 1, 0, -1, -1, 1, 1, 2});  // y = f(x); column sum of y
  plan.run({x.data(), y.data(), sums.data()});
  std::vector<double> values(x.size()), totals(at(cols), 0.0);
  for (std::int64_t i = 0; i < rows * cols; ++i) {
    values[at(i)] = f(x[at(i)]);
    totals[at(i % cols)] += values[at(i)];
  }
  check(near(y, values, bound), "block " + name);
  check(near(sums, totals, bound * static_cast<double>(rows) + 1e-3), "column sums of " + name);
}

void copies() {
  constexpr std::int64_t m = 67, n = 45;
  std::vector<float> x = numbers(m * n, 8), y(x.size());
  Words plan;
  const int a = plan.external(Dtype::float32, {m, n});
  const int b = plan.external(Dtype::float32, {n, m}, true);
  plan.instruction("copy", {plan.view(a, {n, m}, {1, n})}, {b});
  plan.run({x.data(), y.data()});
  bool same = true;
  for (std::int64_t i = 0; i < m * n; ++i) same = same && y[at(i % n * m + i / n)] == x[at(i)];
  check(same, "copy, transposed");
}

// carry = carry @ x[t], through memory of the body's own.
void scan() {
  constexpr std::int64_t steps = 5, n = 3;
  std::vector<float> carry = numbers(n * n, 9), xs = numbers(steps * n * n, 10), end(at(n * n));
  Words body;
  const int c = body.external(Dtype::float32, {n, n});
  const int x = body.external(Dtype::float32, {n, n});
  const int next = body.external(Dtype::float32, {n, n}, true);
  const int between = body.arena(Dtype::float32, {n, n});
  body.instruction("gemm", {c, x}, {between}, {0, 0, 0});
  body.instruction("copy", {between}, {next});
  Words plan;
  const int first = plan.external(Dtype::float32, {n, n});
  const int all = plan.external(Dtype::float32, {steps, n, n});
  const int last = plan.external(Dtype::float32, {n, n}, true);
  plan.instruction("scan", {first, all}, {last}, {1, 0, 1, 0, steps, 0, 0}, {plan.body(body)});
  plan.run({carry.data(), xs.data(), end.data()});
  std::vector<double> expected(carry.begin(), carry.end());
  for (std::int64_t t = 0; t < steps; ++t) {
    std::vector<double> made(at(n * n), 0.0);
    for (std::int64_t i = 0; i < n * n * n; ++i) {
      const std::int64_t r = i / (n * n), k = i / n % n, j = i % n;
      made[at(r * n + j)] += expected[at(r * n + k)] * xs[at((t * n + k) * n + j)];
    }
    expected = made;
  }
  check(near(end, expected, 1e-5), "scan");
}

template <typename Error>
bool throws(const Words& plan, std::initializer_list<void*> externals) {
  try {
    plan.run(externals);
  } catch (const Error&) {
    return true;
  }
  return false;
}

void errors() {
  std::vector<float> x = numbers(12, 11), y(8);
  std::int32_t indices[2] = {1, 3};
  Words plan;
  const int a = plan.external(Dtype::float32, {3, 4});
  const int i = plan.external(Dtype::int32, {2});
  plan.instruction("take", {a, i}, {plan.external(Dtype::float32, {2, 4}, true)}, {0});
  check(throws<DataError>(plan, {x.data(), indices, y.data()}), "an index out of range is noticed");
  indices[1] = -1;
  plan.run({x.data(), indices, y.data()});
  check(std::memcmp(y.data() + 4, x.data() + 8, 16) == 0, "a negative index counts from the end");
  Words wrong;
  const int b = wrong.external(Dtype::float32, {3, 4});
  wrong.instruction("copy", {b}, {wrong.external(Dtype::float32, {4, 3}, true)});
  check(throws<PlanError>(wrong, {x.data(), y.data()}), "a wrong plan is refused");
}

void special_values() {
  const float infinity = std::numeric_limits<float>::infinity();
  std::vector<float> x = {infinity, -infinity, std::nanf(""), -0.0f, 1e-45f}, y(5);
  Words plan;
  const int a = plan.external(Dtype::float32, {5});
  const int b = plan.external(Dtype::float32, {5}, true);
  const auto f32 = static_cast<std::int64_t>(Dtype::float32);
  plan.instruction("block", {a}, {b}, {1, 5, 2, 0, 1, 0, 0, f32, 1, 0, 0, f32, 1, 1,
                                       code_of("tanh"), 1, 0, -1, -1});
  plan.run({x.data(), y.data()});
  check(y[0] == 1 && y[1] == -1 && y[2] != y[2] && y[3] == 0 && std::signbit(y[3]),
        "tanh of infinities, NaN and -0");
}

int run_all() {
  std::setvbuf(stdout, nullptr, _IONBF, 0);  // all lines are there, even before a crash
  std::printf("instruction set: %s, vectors of %d bytes\n", CORNU_ISA, vector_bytes);
  Pool& pool = Pool::get();
  pool.set_threads(1);
  const std::vector<float> alone = product(192, 160, 224, false);
  pool.set_threads(3);
  const std::vector<float> together = product(192, 160, 224, false);
  check(std::memcmp(alone.data(), together.data(), alone.size() * sizeof(float)) == 0,
        "the same bits from one thread and from three");
  product(7, 13, 5, true);
  product(33, 65, 1, false);
  convolution();
  block("exp", std::exp, 37, 29, 4e-7);
  block("tanh", std::tanh, 300, 130, 4e-7);
  block("erf", std::erf, 5, 2000, 4e-7);
  copies();
  scan();
  errors();
  special_values();
  std::printf("%d passed, %d failed\n", passed, failed);
  return failed == 0 ? 0 : 1;
}

}  // namespace
}  // namespace cornu::tests

int main() {
  try {
    return cornu::tests::run_all();
  } catch (const std::exception& error) {
    std::printf("FAILED  %s\n", error.what());
    return 1;
  }
}
