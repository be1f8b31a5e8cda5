// SPDX-License-Identifier: MIT
#pragma once

// Included by kernels_<level>.cpp and unfused_<level>.cpp only: all of it melts into their functions, and nothing leaves them.
//
// Vector registers as a type of the compiler: g++ and clang give arrays of numbers the usual operators (the attribute
// vector_size), and translate each into one instruction of whatever instruction set the file is compiled for. A library of
// such types is not needed for the dozen operations that the kernels use, and the functions of the one that was here, xsimd,
// changed their names twice between Debian 12 and the one after 13. (xtensor still uses it for its own expressions.)

#include <cstdint>
#ifdef __FMA__
#include <immintrin.h>
#endif

namespace cnn::simd {
namespace {

/// What an instruction set means to the kernels: floats in one of its registers. 128 bits are everywhere; where they are not,
/// the compiler makes do with less.
struct Portable {
  static constexpr int width = 4;
};
struct Avx2 {
  static constexpr int width = 8;
};
struct Avx512 {
  static constexpr int width = 16;
};

/// The compiler's type of `width` numbers. (g++ forgets the attribute where the type of the numbers is a parameter, too.)
template <typename T, int width>
struct VectorOf;
template <int width>
struct VectorOf<float, width> {
  typedef float type __attribute__((vector_size(4 * width)));
};
template <int width>
struct VectorOf<std::int32_t, width> {
  typedef std::int32_t type __attribute__((vector_size(4 * width)));
};

/// `width` numbers that are computed with as one.
//! [vec]
template <typename T, int width>
struct Vec {
  using Data = typename VectorOf<T, width>::type;
  static constexpr int size = width;

  Data data;

  Vec() = default;
  explicit Vec(Data numbers) : data(numbers) {}
  /// The same number in each place. (x - 0 is x for every x, also -0, x + 0 not.)
  explicit Vec(T x) : data(x - Data{}) {}

  [[gnu::always_inline]] friend Vec operator+(Vec a, Vec b) {  // - * / likewise
    return Vec(a.data + b.data);
  }
  //! [vec]
  [[gnu::always_inline]] friend Vec operator-(Vec a, Vec b) { return Vec(a.data - b.data); }
  [[gnu::always_inline]] friend Vec operator*(Vec a, Vec b) { return Vec(a.data * b.data); }
  [[gnu::always_inline]] friend Vec operator/(Vec a, Vec b) { return Vec(a.data / b.data); }
  [[gnu::always_inline]] friend Vec operator-(Vec a) { return Vec(-a.data); }
  [[gnu::always_inline]] Vec& operator+=(Vec b) { return *this = *this + b; }

  /// Comparisons give all ones where they hold, else zeros.
  using Mask = Vec<std::int32_t, width>;
  [[gnu::always_inline]] friend Mask operator<(Vec a, Vec b) { return Mask(a.data < b.data); }
  [[gnu::always_inline]] friend Mask operator<=(Vec a, Vec b) { return Mask(a.data <= b.data); }
  [[gnu::always_inline]] friend Mask operator>(Vec a, Vec b) { return Mask(a.data > b.data); }
  [[gnu::always_inline]] friend Mask operator>=(Vec a, Vec b) { return Mask(a.data >= b.data); }
  [[gnu::always_inline]] friend Mask operator!=(Vec a, Vec b) { return Mask(a.data != b.data); }
  [[gnu::always_inline]] friend Vec operator|(Vec a, Vec b) { return Vec(a.data | b.data); }

  /// From memory that begins anywhere.
  [[gnu::always_inline]] static Vec load_unaligned(const T* from) {
    Vec x;
    __builtin_memcpy(&x.data, from, sizeof(Data));
    return x;
  }
  /// From memory that begins at a multiple of the register's size.
  [[gnu::always_inline]] static Vec load_aligned(const T* from) {
    return load_unaligned(static_cast<const T*>(__builtin_assume_aligned(from, sizeof(Data))));
  }
  [[gnu::always_inline]] void store_unaligned(T* to) const { __builtin_memcpy(to, &data, sizeof(Data)); }
  [[gnu::always_inline]] void store_aligned(T* to) const {
    store_unaligned(static_cast<T*>(__builtin_assume_aligned(to, sizeof(Data))));
  }
};

/// A register of floats.
template <typename Arch>
using Floats = Vec<float, Arch::width>;

/// A register of integers, one for each float.
template <typename Arch>
using Ints = Vec<std::int32_t, Arch::width>;

/// a where the mask holds, else b.
template <typename T, int width>
[[gnu::always_inline]] inline Vec<T, width> select(Vec<std::int32_t, width> mask, Vec<T, width> a,
                                                   Vec<T, width> b) {
  return Vec<T, width>(mask.data ? a.data : b.data);
}

/// The larger number; b where either is NaN.
template <typename T, int width>
[[gnu::always_inline]] inline Vec<T, width> max(Vec<T, width> a, Vec<T, width> b) {
  return Vec<T, width>(a.data > b.data ? a.data : b.data);
}

/// Where x is NaN.
template <int width>
[[gnu::always_inline]] inline Vec<std::int32_t, width> is_nan(Vec<float, width> x) {
  return x != x;
}

/// a b + c, rounded once where the instruction set can: always said in so many words, never left to the compiler (all files are
/// compiled with -ffp-contract=off), since each version of each compiler would fuse other pairs, and the sums would end in
/// other digits.
//! [multiply add]
[[gnu::always_inline]] inline Floats<Portable> multiply_add(  // rounded twice
    Floats<Portable> a, Floats<Portable> b, Floats<Portable> c) {
  return a * b + c;
}
#ifdef __FMA__
[[gnu::always_inline]] inline Floats<Avx2> multiply_add(  // rounded once
    Floats<Avx2> a, Floats<Avx2> b, Floats<Avx2> c) {
  return Floats<Avx2>(_mm256_fmadd_ps(a.data, b.data, c.data));
}
#endif
#ifdef __AVX512F__
[[gnu::always_inline]] inline Floats<Avx512> multiply_add(  // rounded once
    Floats<Avx512> a, Floats<Avx512> b, Floats<Avx512> c) {
  return Floats<Avx512>(_mm512_fmadd_ps(a.data, b.data, c.data));
}
#endif
//! [multiply add]

/// Bits, read as numbers of another type of the same size.
template <typename To, typename T, int width>
[[gnu::always_inline]] inline Vec<To, width> bits_as(Vec<T, width> x) {
  return Vec<To, width>((typename Vec<To, width>::Data)(x.data));
}

/// |x|: without the sign bit.
template <int width>
[[gnu::always_inline]] inline Vec<float, width> abs(Vec<float, width> x) {
  return bits_as<float>(Vec<std::int32_t, width>(bits_as<std::int32_t>(x).data & 0x7fffffff));
}

/// Bits moved to the left.
template <int width>
[[gnu::always_inline]] inline Vec<std::int32_t, width> shift_left(Vec<std::int32_t, width> x, int bits) {
  return Vec<std::int32_t, width>(x.data << bits);
}

/// Square roots.
template <int width>
[[gnu::always_inline]] inline Vec<float, width> sqrt(Vec<float, width> x) {
  Vec<float, width> y;
#pragma GCC unroll 16
  for (int k = 0; k < width; ++k) y.data[k] = __builtin_sqrtf(x.data[k]);
  return y;
}

/// The sum of a register: halves are added until four numbers are left, then (x0 + x1) + (x2 + x3).
template <int width>
[[gnu::always_inline]] inline float sum_of_lanes(Vec<float, width> x) {
  if constexpr (width == 4) {
    return (x.data[0] + x.data[1]) + (x.data[2] + x.data[3]);
  } else {
    Vec<float, width / 2> low, high;
    __builtin_memcpy(&low.data, &x.data, sizeof(low.data));
    __builtin_memcpy(&high.data, reinterpret_cast<const char*>(&x.data) + sizeof(low.data),
                     sizeof(high.data));
    return sum_of_lanes(low + high);
  }
}

}  // namespace
}  // namespace cnn::simd
