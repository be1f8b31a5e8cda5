// SPDX-License-Identifier: MIT

// Element-by-element operations, one thread an element. A product and a sum are written as __fmul_rn and __fadd_rn, which nvcc
// does not fuse: the results have the bits of the rung `reference`.

#include "common/backend/cuda/cuda_backend.hpp"
#include "common/backend/cuda/for_each.hpp"

namespace cnn {
namespace cuda {
namespace {

/// y = 1 / (1 + e^-x)
struct Sigmoid {
  Images<float> y;
  Images<const float> x;
  __device__ void operator()(Index n, Index k) const { y(n, k) = 1 / (1 + expf(-x(n, k))); }
};

/// grad_x = grad_y y (1 - y)
struct SigmoidBackward {
  Images<float> grad_x;
  Images<const float> grad_y, y;
  __device__ void operator()(Index n, Index k) const {
    const float s = y(n, k);
    grad_x(n, k) = __fmul_rn(__fmul_rn(grad_y(n, k), s), __fsub_rn(1, s));
  }
};

/// y = max(x, 0)
struct Relu {
  Images<float> y;
  Images<const float> x;
  __device__ void operator()(Index n, Index k) const { y(n, k) = relu(x(n, k)); }
};

/// grad_x = grad_y where y > 0, else 0. Both are read at once: one does not wait for the other.
struct ReluBackward {
  Images<float> grad_x;
  Images<const float> grad_y, y;
  __device__ void operator()(Index n, Index k) const {
    const float grad = grad_y(n, k);
    grad_x(n, k) = y(n, k) <= 0 ? 0 : grad;
  }
};

/// y += scale x, then a ReLU if asked for
struct AddScaled {
  Images<float> y;
  Images<const float> x;
  float scale;
  bool ends_with_relu;
  __device__ void operator()(Index n, Index k) const {
    const float sum = __fadd_rn(y(n, k), __fmul_rn(scale, x(n, k)));
    y(n, k) = ends_with_relu ? relu(sum) : sum;
  }
};

/// y = x scale where the mask is not 0, else y = 0 x
struct Dropout {
  Images<float> y;
  Images<const float> x;
  Images<const std::uint8_t> mask;
  float scale;
  __device__ void operator()(Index n, Index k) const { y(n, k) = x(n, k) * (mask(n, k) != 0 ? scale : 0); }
};

}  // namespace
}  // namespace cuda

using namespace cuda;

void CudaBackend::activation(Tensor& y, const Tensor& x, Activation f) {
  const DeviceScope scope(y.device().index);
  switch (f) {
    case Activation::sigmoid:
      return for_each_element(Sigmoid{images(y), images(x)}, y, x);
    case Activation::relu:
      return for_each_element(Relu{images(y), images(x)}, y, x);
  }
}

void CudaBackend::activation_backward(Tensor& grad_x, const Tensor& grad_y, const Tensor& y, Activation f) {
  const DeviceScope scope(grad_x.device().index);
  switch (f) {
    case Activation::sigmoid:
      return for_each_element(SigmoidBackward{images(grad_x), images(grad_y), images(y)}, grad_x, grad_y, y);
    case Activation::relu:
      return for_each_element(ReluBackward{images(grad_x), images(grad_y), images(y)}, grad_x, grad_y, y);
  }
}

void CudaBackend::add_scaled(Tensor& y, const Tensor& x, float scale, const Epilogue& epilogue) {
  const DeviceScope scope(y.device().index);
  for_each_element(AddScaled{images(y), images(x), scale, epilogue.relu}, y, x);
}

void CudaBackend::dropout(Tensor& y, const Tensor& x, const Tensor& mask, float scale) {
  const DeviceScope scope(y.device().index);
  for_each_element(Dropout{images(y), images(x), {mask.pixels(), mask.image_stride()}, scale}, y, x, mask);
}

}  // namespace cnn
