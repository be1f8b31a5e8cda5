// SPDX-License-Identifier: MIT
#include <algorithm>

#include "common/backend/xtensor/gemm.hpp"
#include "common/backend/xtensor/xtensor_backend.hpp"
#include "common/core/threads.hpp"

// x [n, in], weight W [out, in], y [n, out]:
//
//     forward   y = x W^T + b          backward   dx = dy W,   dW = dy^T x,   db = column sums of dy
//
// The rows of each product are cut into pieces of fixed size, one product of BLAS each.

namespace cnn {
namespace {

/// Rows of a product that one thread takes at a time.
Index rows_per_piece(Index rows) { return std::max<Index>(16, (rows + 7) / 8); }

}  // namespace

void XtensorBackend::linear(Tensor& y, const Tensor& x, const ConvWeights& w) {
  const auto [out, in] = w.weight.dims<2>();
  const Index n = x.shape()[0];
  parallel_for(n, rows_per_piece(n), [&, out = out, in = in](Index first, Index last) {
    float* const rows = y.data() + first * out;
    for (Index i = first; i < last && w.bias != nullptr; ++i)
      std::copy_n(w.bias->data(), out, y.data() + i * out);
    gemm(matrix(rows, last - first, out), matrix(x.data() + first * in, last - first, in),
         transpose(matrix(w.weight.data(), out, in)), w.bias == nullptr ? 0.0F : 1.0F);
    if (w.epilogue.relu) {
      std::transform(rows, rows + (last - first) * out, rows,
                     [](float value) { return std::max(value, 0.0F); });
    }
  });
}

void XtensorBackend::linear_backward_input(Tensor& grad_x, const Tensor& grad_y, const Tensor& weight) {
  const auto [out, in] = weight.dims<2>();
  const Index n = grad_y.shape()[0];
  parallel_for(n, rows_per_piece(n), [&, out = out, in = in](Index first, Index last) {
    gemm(matrix(grad_x.data() + first * in, last - first, in),
         matrix(grad_y.data() + first * out, last - first, out), matrix(weight.data(), out, in));
  });
}

void XtensorBackend::linear_backward_weight(Tensor& grad_weight, Tensor* grad_bias, const Tensor& grad_y,
                                            const Tensor& x, const Shards&) {
  const auto [out, in] = grad_weight.dims<2>();
  const Index n = x.shape()[0];
  parallel_for(out, rows_per_piece(out), [&, out = out, in = in](Index first, Index last) {
    const Matrix<const float> some_columns{grad_y.data() + first, n, last - first, out};
    gemm(matrix(grad_weight.data() + first * in, last - first, in), transpose(some_columns),
         matrix(x.data(), n, in));
    for (Index o = first; o < last && grad_bias != nullptr; ++o) {
      double sum = 0;
      for (Index i = 0; i < n; ++i) sum += double{grad_y.data()[i * out + o]};
      grad_bias->data()[o] = static_cast<float>(sum);
    }
  });
}

}  // namespace cnn
