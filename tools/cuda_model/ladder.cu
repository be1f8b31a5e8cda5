// SPDX-License-Identifier: MIT

// Kernels of the ladder for the model on paper (model.py), without the code that launches them: each for a linear layer's passes, whose
// operands are matrices, and the upper rungs for those of a convolution, too.

#include "common/backend/cuda/conv2d_operands.hpp"
#include "common/backend/cuda/epilogue.hpp"
#include "common/backend/cuda/ladder/async.hpp"
#include "common/backend/cuda/ladder/naive.hpp"
#include "common/backend/cuda/ladder/registers.hpp"
#include "common/backend/cuda/ladder/tiled.hpp"
#include "common/backend/cuda/ladder/vectors.hpp"

namespace cnn::cuda {

using Linear = Product<Matrix<Along::k>, Matrix<Along::k>, RowResult>;
using LinearInput =
    Product<Matrix<Along::k>, Matrix<Along::lines>, RowResult>;  // two matrices as they lie in memory
using LinearWeight = Product<Matrix<Along::lines>, Matrix<Along::lines>, Partial>;
using Convolution = Product<Matrix<Along::k>, Windows<false>, ImageResult>;
using ConvolutionInput = Product<FlippedWeight<true>, Windows<false>, ImageResult>;
using ConvolutionWeight = Product<Channels, WindowsOfTaps, Partial>;

template __global__ void multiply_naive<Linear>(const __grid_constant__ Linear);
template __global__ void multiply_naive<LinearInput>(const __grid_constant__ LinearInput);
template __global__ void multiply_tiled<LinearInput>(const __grid_constant__ LinearInput);
template __global__ void multiply_registers<LinearInput>(const __grid_constant__ LinearInput);
template __global__ void multiply_vectors<128, true, LinearInput>(const __grid_constant__ LinearInput);
template __global__ void multiply_async<128, true, LinearInput>(const __grid_constant__ LinearInput);
template __global__ void multiply_vectors<128, true, Linear>(const __grid_constant__ Linear);
template __global__ void multiply_vectors<128, true, LinearWeight>(const __grid_constant__ LinearWeight);
template __global__ void multiply_vectors<128, true, Convolution>(const __grid_constant__ Convolution);
template __global__ void multiply_vectors<128, false, ConvolutionInput>(
    const __grid_constant__ ConvolutionInput);
template __global__ void multiply_vectors<128, true, ConvolutionWeight>(
    const __grid_constant__ ConvolutionWeight);

}  // namespace cnn::cuda
