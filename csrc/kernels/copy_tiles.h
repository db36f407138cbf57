// The inner loops of strided copies: one line of elements, and transposed tiles.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace cornu {

// Elements with any strides (in elements) on both sides.
template <typename T>
inline void copy_line(const char* source, std::int64_t source_step, char* target,
                      std::int64_t target_step, std::int64_t count) {
  const T* s = reinterpret_cast<const T*>(source);
  T* t = reinterpret_cast<T*>(target);
  if (target_step == 1) {
    if (source_step == 0) {
      std::fill_n(t, count, *s);
    } else if (source_step == 1) {
      for (std::int64_t i = 0; i < count; ++i) t[i] = s[i];
    } else if (source_step == -1) {
      for (std::int64_t i = 0; i < count; ++i) t[i] = s[-i];
    } else {
      for (std::int64_t i = 0; i < count; ++i) t[i] = s[i * source_step];
    }
  } else {
    for (std::int64_t i = 0; i < count; ++i) t[i * target_step] = s[i * source_step];
  }
}

// An 8 x 8 tile of 4-byte elements, in registers: rows interleaved in three rounds.
inline void transpose_8x8(const std::uint32_t* source, std::int64_t source_step,
                          std::uint32_t* target, std::int64_t target_step) {
  typedef std::uint32_t Row __attribute__((vector_size(32)));
  Row a[8], b[8];
  for (int i = 0; i < 8; ++i) std::memcpy(&a[i], source + i * source_step, sizeof(Row));
  for (int i = 0; i < 4; ++i) {
    b[2 * i] = __builtin_shufflevector(a[2 * i], a[2 * i + 1], 0, 8, 2, 10, 4, 12, 6, 14);
    b[2 * i + 1] = __builtin_shufflevector(a[2 * i], a[2 * i + 1], 1, 9, 3, 11, 5, 13, 7, 15);
  }
  for (int i = 0; i < 8; i += 4) {
    for (int j = 0; j < 2; ++j) {
      a[i + j] = __builtin_shufflevector(b[i + j], b[i + j + 2], 0, 1, 8, 9, 4, 5, 12, 13);
      a[i + j + 2] = __builtin_shufflevector(b[i + j], b[i + j + 2], 2, 3, 10, 11, 6, 7, 14, 15);
    }
  }
  for (int j = 0; j < 4; ++j) {
    b[j] = __builtin_shufflevector(a[j], a[j + 4], 0, 1, 2, 3, 8, 9, 10, 11);
    b[j + 4] = __builtin_shufflevector(a[j], a[j + 4], 4, 5, 6, 7, 12, 13, 14, 15);
  }
  for (int i = 0; i < 8; ++i) std::memcpy(target + i * target_step, &b[i], sizeof(Row));
}

// target[i * target_step + j] = source[j * source_step + i] for i < rows, j < columns; steps in
// elements.
template <typename T>
inline void transpose_tiles(const char* source, std::int64_t source_step, char* target,
                            std::int64_t target_step, std::int64_t rows, std::int64_t columns) {
  const T* s = reinterpret_cast<const T*>(source);
  T* t = reinterpret_cast<T*>(target);
  constexpr std::int64_t tile = 16;
  for (std::int64_t j = 0; j < columns; j += tile) {
    std::int64_t wide = std::min(tile, columns - j);
    std::int64_t i = 0;
    if constexpr (sizeof(T) == 4) {
      if (wide == tile) {
        for (; i + 8 <= rows; i += 8) {
          for (std::int64_t k = j; k < j + tile; k += 8) {
            transpose_8x8(s + k * source_step + i, source_step, t + i * target_step + k,
                          target_step);
          }
        }
      }
    }
    for (; i < rows; ++i) {
      for (std::int64_t k = j; k < j + wide; ++k) t[i * target_step + k] = s[k * source_step + i];
    }
  }
}

}  // namespace cornu
