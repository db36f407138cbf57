// Sorting by unsigned keys that have the order of the values: NaN after all others, -0 equal to 0.
// Each key carries its place, so that no two are equal: the order is stable whatever the algorithm,
// and nothing is allocated.
#pragma once

#include <cstdint>
#include <cstring>
#include <type_traits>

namespace cornu {

template <typename T>
using KeyBits = std::conditional_t<sizeof(T) == 8, std::uint64_t, std::uint32_t>;

template <typename T>
inline KeyBits<T> key_of(T value) {
  using U = KeyBits<T>;
  constexpr U top = U{1} << (8 * sizeof(U) - 1);
  if constexpr (std::is_floating_point_v<T>) {
    if (value != value) return ~U{0};
    value += T{0};  // -0 becomes 0
    U bits;
    std::memcpy(&bits, &value, sizeof bits);
    return bits & top ? ~bits : bits | top;
  } else if constexpr (std::is_signed_v<T>) {
    return static_cast<U>(value) ^ top;
  } else {
    return static_cast<U>(value);
  }
}

// A key above its place: one integer where both fit into 64 bits.
struct ShortEntry {
  std::uint64_t both;

  ShortEntry() = default;
  ShortEntry(std::uint32_t key, std::uint32_t place) : both(std::uint64_t{key} << 32 | place) {}
  std::uint32_t place() const { return static_cast<std::uint32_t>(both); }
  bool operator<(const ShortEntry& o) const { return both < o.both; }
};

struct LongEntry {
  std::uint64_t key;
  std::uint32_t at;

  LongEntry() = default;
  LongEntry(std::uint64_t k, std::uint32_t place) : key(k), at(place) {}
  std::uint32_t place() const { return at; }
  bool operator<(const LongEntry& o) const { return key != o.key ? key < o.key : at < o.at; }
};

template <typename T>
using Entry = std::conditional_t<sizeof(T) == 8, LongEntry, ShortEntry>;

}  // namespace cornu
