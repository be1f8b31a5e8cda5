// SPDX-License-Identifier: MIT

// The passes of a convolution: what is multiplied is in conv2d_products.hpp, how is in multiply.hpp.

#include "common/backend/cuda/conv2d_products.hpp"
#include "common/backend/cuda/cublas.hpp"
#include "common/backend/cuda/cuda_backend.hpp"
#include "common/backend/cuda/multiply.hpp"

namespace cnn {

using namespace cuda;

void CudaBackend::conv2d(Tensor& y, const Tensor& x, const ConvWeights& w, const ConvGeometry& g) {
  const DeviceScope scope(y.device().index);
  const ConvSizes s = conv_sizes(x.shape(), w.weight.shape(), g);
  if (kernel_in_use() == Kernel::cublas) return cublas::conv2d(y, x, w, s);
  const auto call = [](const auto& product) { multiply(product); };
  if (w.prologue == nullptr)
    with_forward<false>(y, x, w, s, call);
  else
    with_forward<true>(y, x, w, s, call);
}

}  // namespace cnn
