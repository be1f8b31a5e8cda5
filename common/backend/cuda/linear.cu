// SPDX-License-Identifier: MIT

// The passes of a linear layer as products of matrices:
//
//     y[n, o] = sum over i of x[n, i] weight[o, i]
//     grad_x[n, i] = sum over o of grad_y[n, o] weight[o, i]
//     grad_weight[o, i] = sum over n of grad_y[n, o] x[n, i]

#include "common/backend/cuda/cublas.hpp"
#include "common/backend/cuda/cuda_backend.hpp"
#include "common/backend/cuda/epilogue.hpp"
#include "common/backend/cuda/multiply.hpp"
#include "common/backend/cuda/shard_sums.hpp"

namespace cnn {
namespace cuda {
namespace {

template <Along along>
Matrix<along> matrix(const float* data, Index stride, Index lines) {
  return {data, to_int32(stride), to_int32(lines), in_quads(data, stride)};
}

/// Kernels count the elements of each matrix in 32 bits.
void check_sizes(Index n, Index in, Index out) {
  for (const Index elements : {n * in, n * out, in * out}) to_int32(elements);
}

}  // namespace
}  // namespace cuda

using namespace cuda;

void CudaBackend::linear(Tensor& y, const Tensor& x, const ConvWeights& w) {
  const DeviceScope scope(y.device().index);
  const auto [out, in] = w.weight.dims<2>();
  check_sizes(x.shape()[0], in, out);
  if (kernel_in_use() == Kernel::cublas) return cublas::linear(y, x, w);
  const RowResult result{y.data(), to_int32(out), Finish(w), in_quads(y.data(), out)};
  multiply(Product{matrix<Along::k>(first_of(x), in, x.shape()[0]),
                   matrix<Along::k>(w.weight.data(), in, out), result, Slices::whole(in)});
}

void CudaBackend::linear_backward_input(Tensor& grad_x, const Tensor& grad_y, const Tensor& weight) {
  const DeviceScope scope(grad_x.device().index);
  const auto [out, in] = weight.dims<2>();
  check_sizes(grad_y.shape()[0], in, out);
  if (kernel_in_use() == Kernel::cublas) return cublas::linear_backward_input(grad_x, grad_y, weight);
  const RowResult result{grad_x.data(), to_int32(in), {}, in_quads(grad_x.data(), in)};
  multiply(Product{matrix<Along::k>(first_of(grad_y), out, grad_y.shape()[0]),
                   matrix<Along::lines>(weight.data(), in, in), result, Slices::whole(out)});
}

void CudaBackend::linear_backward_weight(Tensor& grad_weight, Tensor* grad_bias, const Tensor& grad_y,
                                         const Tensor& x, const Shards& shards) {
  const DeviceScope scope(grad_weight.device().index);
  const auto [out, in] = grad_weight.dims<2>();
  check_sizes(x.shape()[0], in, out);
  if (kernel_in_use() == Kernel::cublas)
    return cublas::linear_backward_weight(grad_weight, grad_bias, grad_y, x, shards);
  const WeightPlan plan(out, in, 1);
  const Slices slices = Slices::of(shards, 1, plan.pieces);
  make_by_shards(grad_weight, grad_bias, grad_y, shards, plan,
                 [&, in = in, out = out](float* sums, Index first, Index rows) {
                   const Partial result{sums, to_int32(rows), to_int32(in), in_quads(sums, in)};
                   multiply(Product{
                       matrix<Along::lines>(grad_y.size() == 0 ? nullptr : grad_y.data() + first, out, rows),
                       matrix<Along::lines>(first_of(x), in, in), result, slices});
                 });
}

}  // namespace cnn
