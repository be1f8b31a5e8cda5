// SPDX-License-Identifier: MIT
#pragma once

// Included by unfused_<level>.cpp only, see there.

#include "common/backend/simd/vec.hpp"
#include "common/core/shape.hpp"

namespace cnn::simd {
namespace {

/// Floats in a register.
template <typename Arch>
constexpr Index width_of = static_cast<Index>(Arch::width);

/// Fewer elements than a register holds, with a filling behind them. What is written into their place goes back to where
/// they came from.
template <typename T, Index width>
struct Rest {
  T* memory;
  Index count;
  float values[static_cast<std::size_t>(width)];

  Rest(T* first, Index n, float filling = 0) : memory(first), count(n) {
    for (Index k = 0; k < width; ++k) values[k] = k < count ? first[k] : filling;
  }
  ~Rest() {
    if constexpr (!std::is_const_v<T>)
      for (Index k = 0; k < count; ++k) memory[k] = values[k];
  }
  Rest(const Rest&) = delete;
  Rest& operator=(const Rest&) = delete;
};

/// max(x, 0); NaN stays NaN.
template <typename Vec>
[[gnu::always_inline]] inline Vec not_below_zero(Vec x) {
  return select(x < Vec(0.0F), Vec(0.0F), x);
}

/// The gradient where the output of a ReLU is above 0, else 0.
template <typename Vec>
[[gnu::always_inline]] inline Vec where_positive(Vec output, Vec grad) {
  return select(output <= Vec(0.0F), Vec(0.0F), grad);
}

/// Calls step(pointers...) for one register's worth of the arrays after the other; the last call works on a copy that is
/// filled up, so that every element goes through the same instructions.
template <typename Arch, typename Step, typename... T>
void for_each_register(Index count, const Step& step, T*... arrays) {
  constexpr Index width = width_of<Arch>;
  Index k = 0;
  for (; k + width <= count; k += width) step((arrays + k)...);
  if (k < count) step(Rest<T, width>(arrays + k, count - k).values...);
}

/// y = function(inputs...), element by element; y may be an input. The last register overlaps the one before, and is computed
/// before anything is written.
template <typename Arch, typename Function, typename... In>
void map(Index count, const Function& function, float* y, const In*... inputs) {
  using Vec = Floats<Arch>;
  constexpr Index width = width_of<Arch>;
  const auto step = [&](float* out, const In*... in) {
    function(Vec::load_unaligned(in)...).store_unaligned(out);
  };
  if (count < width) return for_each_register<Arch>(count, step, y, inputs...);
  const Vec last = function(Vec::load_unaligned(inputs + count - width)...);
  for (Index k = 0; k + width <= count; k += width) step(y + k, (inputs + k)...);
  last.store_unaligned(y + count - width);
}

/// Writes the first `count` elements of a register, or all if there are fewer, in the destination's type.
template <typename Arch, typename To, typename T>
void store_first(To* to, const Vec<T, Arch::width>& x, Index count) {
  T values[static_cast<std::size_t>(width_of<Arch>)];
  x.store_unaligned(values);
  if (count >= width_of<Arch>) {  // a number of turns the compiler knows
    for (Index k = 0; k < width_of<Arch>; ++k) to[k] = values[k];
  } else {
    for (Index k = 0; k < count; ++k) to[k] = values[k];
  }
}

/// The sum of a register's elements, in double and in order.
template <typename Arch>
double sum_of(const Floats<Arch>& x) {
  float values[static_cast<std::size_t>(width_of<Arch>)];
  x.store_unaligned(values);
  double sum = 0;
  for (Index k = 0; k < width_of<Arch>; ++k) sum += double{values[k]};
  return sum;
}

/// 0, 1, 2, ...
template <typename Arch>
Floats<Arch> lane_numbers() {
  float values[static_cast<std::size_t>(width_of<Arch>)];
  for (Index k = 0; k < width_of<Arch>; ++k) values[k] = static_cast<float>(k);
  return Floats<Arch>::load_unaligned(values);
}

/// Two sums that are made in one pass.
struct TwoSums {
  double first, second;
};

/// Sums of two terms: add(first, second, inputs...) adds them to two registers of sums. Two pairs of registers take turns,
/// so that one addition need not wait for the one before.
/// \param count    number of elements, few enough for sums in float
/// \param filling  what stands for elements behind the last ones; must add nothing
template <typename Arch, typename Add, typename... In>
TwoSums sum_two(Index count, float filling, const Add& add, const In*... inputs) {
  using Vec = Floats<Arch>;
  constexpr Index width = width_of<Arch>;
  Vec first[2] = {Vec(0.0F), Vec(0.0F)};
  Vec second[2] = {Vec(0.0F), Vec(0.0F)};
  Index k = 0;
  for (; k + 2 * width <= count; k += 2 * width) {
    add(first[0], second[0], Vec::load_unaligned(inputs + k)...);
    add(first[1], second[1], Vec::load_unaligned(inputs + k + width)...);
  }
  for (; k + width <= count; k += width) add(first[0], second[0], Vec::load_unaligned(inputs + k)...);
  if (k < count && count < width) {
    add(first[0], second[0],
        Vec::load_unaligned(Rest<const In, width>(inputs + k, count - k, filling).values)...);
  } else if (k < count) {  // a register that ends with the last element, without what has been added
    const auto is_new = lane_numbers<Arch>() >= Vec(static_cast<float>(width - (count - k)));
    add(first[0], second[0], select(is_new, Vec::load_unaligned(inputs + count - width), Vec(filling))...);
  }
  return {sum_of<Arch>(first[0] + first[1]), sum_of<Arch>(second[0] + second[1])};
}

}  // namespace
}  // namespace cnn::simd
