#include "kernels/short_product.h"

#include <utility>

namespace cornu {
namespace {

// k rows of b, each of some whole vectors and then one of the kind `Tail`.
template <typename T, int k, int whole, typename Tail>
void multiply_short(const ShortProduct<T>& given) {
  using V = typename Tail::V;
  constexpr int tail = whole * lanes<T>;  // its first column
  const ShortProduct<T> p = given;        // what is written can't be a part of it
  Vector<T> b[k][whole + 1], first[whole + 1];
  V b_tail[k], first_tail = p.bias ? Tail::read(p.bias + tail, p.last) : V{};
  each<whole>([&](auto v) CORNU_INLINE {
    first[v] = p.bias ? load(p.bias + v * lanes<T>) : Vector<T>{};
  });
  each<k>([&](auto i) CORNU_INLINE {
    const T* row = p.b + i * p.b_stride;
    each<whole>([&](auto v) CORNU_INLINE { b[i][v] = load(row + v * lanes<T>); });
    b_tail[i] = Tail::read(row + tail, p.last);
  });
  const T *a = p.a, *addend = p.addend;
  T* c = p.c;
  Vector<T> more[whole + 1] = {};
  V more_tail{};
  const auto read_addend = [&]() CORNU_INLINE {
    each<whole>([&](auto v) CORNU_INLINE { more[v] = load(addend + v * lanes<T>); });
    more_tail = Tail::read(addend + tail, p.last);
  };
  if (addend) read_addend();
  for (std::int64_t left = p.rows; left > 0; --left) {
    Vector<T> acc[whole + 1];
    V acc_tail = first_tail;
    each<whole>([&](auto v) CORNU_INLINE { acc[v] = first[v]; });
    each<k>([&](auto i) CORNU_INLINE {
      if constexpr (whole > 0) {
        const Vector<T> x = splat(a[i]);
        each<whole>([&](auto v) CORNU_INLINE { acc[v] = fma(x, b[i][v], acc[v]); });
      }
      acc_tail = Tail::multiply(Tail::spread(a[i]), b_tail[i], acc_tail);
    });
    if (addend) {
      each<whole>([&](auto v) CORNU_INLINE { acc[v] += more[v]; });
      acc_tail += more_tail;
      // The next row is read before this one is written: in place, a partial vector's store would
      // seem to reach into it, and the load would wait for the store.
      if (left > 1) addend += p.addend_stride;
      read_addend();
    }
    if (p.relu) {
      each<whole>([&](auto v) CORNU_INLINE {
        acc[v] = acc[v] < Vector<T>{} ? Vector<T>{} : acc[v];
      });
      acc_tail = acc_tail < V{} ? V{} : acc_tail;
    }
    each<whole>([&](auto v) CORNU_INLINE { store(c + v * lanes<T>, acc[v]); });
    Tail::write(c + tail, acc_tail, p.last);
    a += p.a_stride;
    c += p.c_stride;
  }
}

template <typename T, int vectors, typename Tail, std::size_t... i>
constexpr MultiplyShort<T> pick(int k, std::index_sequence<i...>) {
  constexpr MultiplyShort<T> table[] = {
      nullptr, multiply_short<T, static_cast<int>(i) + 1, vectors - 1, Tail>...};
  return table[k];
}

template <typename T, typename Tail>
MultiplyShort<T> pick(int k, int vectors) {
  switch (vectors) {
    case 1:
      return pick<T, 1, Tail>(k, std::make_index_sequence<longest_short(1)>());
    case 2:
      return pick<T, 2, Tail>(k, std::make_index_sequence<longest_short(2)>());
    default:
      return pick<T, 3, Tail>(k, std::make_index_sequence<longest_short(3)>());
  }
}

}  // namespace

template <typename T>
MultiplyShort<T> short_function(int k, int vectors, int last) {
  if (last == lanes<T>) return pick<T, WholeTail<T>>(k, vectors);
  if (has_half_tails && last <= lanes<T> / 2) return pick<T, HalfTail<T>>(k, vectors);
  return pick<T, PartTail<T>>(k, vectors);
}

template MultiplyShort<float> short_function<float>(int, int, int);
template MultiplyShort<double> short_function<double>(int, int, int);

}  // namespace cornu
