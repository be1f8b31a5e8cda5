// SPDX-License-Identifier: MIT
#include <cblas.h>
#include <cublas_v2.h>

#include "device_heap.hpp"
#include "runtime.hpp"

struct cublasContext {
  cudaStream_t stream = nullptr;
};

namespace emulation {
namespace {

/// One side of a product: where, how it is stored, and from one matrix of the batch to the next.
template <typename T>
struct Matrices {
  T* data;
  int rows, columns, ld;
  long long stride;

  /// Checks that all matrices lie inside of one allocation, and replaces the address by the true one.
  void resolve(int batch, int device) {
    if (ld < std::max(1, rows)) throw std::invalid_argument("a leading dimension below the number of rows");
    const long long elements = stride * (batch - 1) + static_cast<long long>(ld) * (columns - 1) + rows;
    char* const bytes =
        device_heap().bytes_of(data, sizeof(float) * static_cast<std::size_t>(elements), device);
    data = reinterpret_cast<T*>(bytes);
  }
  T* at(int i) const { return data + i * stride; }
};

cublasStatus_t status_of(cudaError_t error) {
  return error == cudaSuccess             ? CUBLAS_STATUS_SUCCESS
         : error == cudaErrorInvalidValue ? CUBLAS_STATUS_INVALID_VALUE
                                          : CUBLAS_STATUS_EXECUTION_FAILED;
}

}  // namespace
}  // namespace emulation

using emulation::call;
using emulation::Runtime;
using emulation::status_of;

const char* cublasGetStatusString(cublasStatus_t status) {
  return status == CUBLAS_STATUS_SUCCESS ? "success" : cudaGetErrorString(cudaPeekAtLastError());
}
cublasStatus_t cublasCreate(cublasHandle_t* handle) {
  return status_of(call(__func__, [&](Runtime&) { *handle = new cublasContext; }));
}
cublasStatus_t cublasDestroy(cublasHandle_t handle) {
  return status_of(call(__func__, [&](Runtime&) { delete handle; }));
}
cublasStatus_t cublasSetStream(cublasHandle_t handle, cudaStream_t stream) {
  return status_of(call(__func__, [&](Runtime&) { handle->stream = stream; }));
}
cublasStatus_t cublasSetMathMode(cublasHandle_t, cublasMath_t) { return CUBLAS_STATUS_SUCCESS; }
cublasStatus_t cublasSetAtomicsMode(cublasHandle_t, cublasAtomicsMode_t) { return CUBLAS_STATUS_SUCCESS; }
cublasStatus_t cublasSetWorkspace(cublasHandle_t, void*, std::size_t) { return CUBLAS_STATUS_SUCCESS; }

cublasStatus_t cublasSgemm(cublasHandle_t handle, cublasOperation_t op_a, cublasOperation_t op_b, int m,
                           int n, int k, const float* alpha, const float* a, int lda, const float* b, int ldb,
                           const float* beta, float* c, int ldc) {
  return cublasSgemmStridedBatched(handle, op_a, op_b, m, n, k, alpha, a, lda, 0, b, ldb, 0, beta, c, ldc, 0,
                                   1);
}

cublasStatus_t cublasSgemmStridedBatched(cublasHandle_t handle, cublasOperation_t op_a,
                                         cublasOperation_t op_b, int m, int n, int k, const float* alpha,
                                         const float* a, int lda, long long stride_a, const float* b, int ldb,
                                         long long stride_b, const float* beta, float* c, int ldc,
                                         long long stride_c, int batch) {
  const bool plain_a = op_a == CUBLAS_OP_N;
  const bool plain_b = op_b == CUBLAS_OP_N;
  return status_of(call(__func__, [&](Runtime& r) {
    if (m < 0 || n < 0 || k < 0 || batch < 0) throw std::invalid_argument("a negative size");
    if (m == 0 || n == 0 || batch == 0) return;
    emulation::Stream& stream = r.stream(handle->stream);
    emulation::Matrices<const float> left{a, plain_a ? m : k, plain_a ? k : m, lda, stride_a};
    emulation::Matrices<const float> right{b, plain_b ? k : n, plain_b ? n : k, ldb, stride_b};
    emulation::Matrices<float> product{c, m, n, ldc, stride_c};
    if (k > 0) {
      left.resolve(batch, stream.device);
      right.resolve(batch, stream.device);
    }
    product.resolve(batch, stream.device);
    ++r.counters.launches;
    r.queue(stream, {[=, alpha = *alpha, beta = *beta] {
              for (int i = 0; i < batch; ++i) {
                cblas_sgemm(CblasColMajor, plain_a ? CblasNoTrans : CblasTrans,
                            plain_b ? CblasNoTrans : CblasTrans, m, n, k, alpha, left.at(i), left.ld,
                            right.at(i), right.ld, beta, product.at(i), product.ld);
              }
            }});
  }));
}
