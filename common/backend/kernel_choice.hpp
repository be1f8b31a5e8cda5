// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

namespace cnn {

/// Kernels of the rung `cuda` for convolutions and linear layers: the ladder from below, in common/backend/cuda/ladder, and three others.
enum class Kernel {
  automatic,  ///< picked by the rule below
  naive,      ///< a thread for each output
  tiled,      ///< tiles in shared memory
  registers,  ///< 8 x 8 outputs of a thread in registers
  vectors,    ///< four numbers in one access, two pairs of tiles
  async,      ///< copies past the registers
  cublas,     ///< NVIDIA's product of matrices
  winograd,   ///< 3 x 3 kernels with a quarter of the multiplications; all else as `automatic`
  tf32        ///< tensor cores, which multiply numbers of 11 bits; from compute capability 8.0 on
};

/// Names of the kernels of the rung `cuda`, in that order: "naive", "tiled", ...; in builds without CUDA as well.
/// \return names, each accepted by use_cuda_kernel()
std::vector<std::string> cuda_kernel_names();

/// Picks the kernel with which the rung `cuda` computes convolutions and linear layers from now on; at first it is that of the
/// environment variable CNN_CUDA_KERNEL, else "auto".
/// \param name  one of cuda_kernel_names(), or "auto" for the rule of kernel_in_use()
/// \throws UsageError  there is no such kernel
void use_cuda_kernel(const std::string& name);

/// \return what use_cuda_kernel() was given last
/// \throws UsageError  CNN_CUDA_KERNEL names no kernel
std::string cuda_kernel();

/// The rule of `auto`: direct kernels for products with at most 8 rows (output channels forward, input channels backward, rows of a
/// linear layer) and for gradients of at most 8 kernels, or of kernels with at most 32 elements in all their input channels; else
/// `vectors`, with tiles of 128, 64 or 32 rows as there are channels. That these are faster than `async`, which spends more
/// instructions on addresses, and where the limits are best, is a guess: on no card has this been measured. Two are never picked:
/// `winograd`, whose largest errors are ten to twenty times those of plain sums, and whose work space grows with the batch, and `tf32`,
/// which is less exact still. What else the card does plays no part, and neither does the batch, but for the rows of a linear layer,
/// where both kernels have the same bits.
/// \return what use_cuda_kernel() was given last
/// \throws UsageError  CNN_CUDA_KERNEL names no kernel
Kernel kernel_in_use();

}  // namespace cnn
