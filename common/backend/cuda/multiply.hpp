// SPDX-License-Identifier: MIT
#pragma once

#include "common/backend/cuda/ladder/async.hpp"
#include "common/backend/cuda/ladder/naive.hpp"
#include "common/backend/cuda/ladder/narrow.hpp"
#include "common/backend/cuda/ladder/registers.hpp"
#include "common/backend/cuda/ladder/tf32.hpp"
#include "common/backend/cuda/ladder/tiled.hpp"
#include "common/backend/cuda/ladder/vectors.hpp"
#include "common/backend/kernel_choice.hpp"

namespace cnn::cuda {

/// Calls a function with the height of tiles that wastes least: 128 rows, or 64 or 32 where C has no more.
/// \param m     rows of C
/// \param call  called with std::integral_constant
template <typename Call>
void with_rows(int m, const Call& call) {
  if (m <= 32) return call(std::integral_constant<int, 32>{});
  if (m <= 64) return call(std::integral_constant<int, 64>{});
  call(std::integral_constant<int, 128>{});
}

/// \param operand  A or B
/// \return         false if it could be loaded in fours, were it aligned
template <typename Operand>
bool is_aligned(const Operand& operand) {
  if constexpr (Operand::can_be_quads) return operand.quads;
  return true;
}

/// Calls a function with the kind of tile that suits a product.
/// \param p     a product
/// \param call  called with two std::integral_constant: the height, and whether operands that can be loaded in fours are to be
template <typename P, typename Call>
void with_tile(const P& p, const Call& call) {
  using A = decltype(p.a);
  using B = decltype(p.b);
  with_rows(p.a.lines, [&](auto rows) {
    if constexpr (A::can_be_quads || B::can_be_quads)
      if (is_aligned(p.a) && is_aligned(p.b)) return call(rows, std::true_type{});
    call(rows, std::false_type{});
  });
}

/// Computes a product with the kernel in use. All rungs of the ladder, and multiply_narrow(), add the products of an element in the same order, k upwards,
/// so they give the same bits; but not `tf32`, which rounds what it multiplies.
/// \param p  a product
/// \throws DeviceError  a launch failed
template <typename P>
void multiply(const P& p) {
  if (p.a.lines == 0 || p.b.lines == 0) return;
  constexpr bool copies = decltype(p.a)::copies && decltype(p.b)::copies;
  switch (kernel_in_use()) {
    case Kernel::naive:
      return launch_naive(p);
    case Kernel::tiled:
      return launch_tiled(p);
    case Kernel::registers:
      return launch_registers(p);
    case Kernel::tf32:
      return launch_tf32(p);
    case Kernel::async:
      if constexpr (copies) return with_tile(p, [&](auto rows, auto quads) { launch_async<rows, quads>(p); });
      break;                // what is copied cannot be changed on the way
    case Kernel::winograd:  // what is left to the rule, see winograd.hpp
    case Kernel::automatic:
      if (p.a.lines <= 8) return launch_narrow(p);
      break;
    case Kernel::cublas:  // does not come here, see cublas.hpp
    case Kernel::vectors:
      break;
  }
  with_tile(p, [&](auto rows, auto quads) { launch_vectors<rows, quads>(p); });
}

/// As multiply(), for the sums over the pixels of a batch that gradients of kernels are made of.
/// \param p  a product
/// \throws DeviceError  a launch failed
template <typename P>
void multiply_over_pixels(const P& p) {
  const Kernel kernel = kernel_in_use();
  const bool by_rule = kernel == Kernel::automatic || kernel == Kernel::winograd;
  if (by_rule && (p.a.lines <= 8 || p.b.lines <= 32)) return launch_narrow_sums(p);
  multiply(p);
}

}  // namespace cnn::cuda
