// SPDX-License-Identifier: MIT
// The few cuBLAS calls that the project uses, on a CPU BLAS. Column-major, host scalars, like the original.
#pragma once
#include <cblas.h>
#include "cuda_runtime.h"

enum cublasStatus_t {
  CUBLAS_STATUS_SUCCESS = 0,
  CUBLAS_STATUS_INVALID_VALUE = 7,
  CUBLAS_STATUS_EXECUTION_FAILED = 13
};
enum cublasOperation_t { CUBLAS_OP_N, CUBLAS_OP_T };
enum cublasMath_t { CUBLAS_DEFAULT_MATH = 0, CUBLAS_PEDANTIC_MATH = 2, CUBLAS_TF32_TENSOR_OP_MATH = 3 };
using cublasHandle_t = struct cublasContext*;

inline cublasStatus_t cublasCreate(cublasHandle_t* h) {
  *h = reinterpret_cast<cublasHandle_t>(new char);
  return CUBLAS_STATUS_SUCCESS;
}
inline cublasStatus_t cublasDestroy(cublasHandle_t h) {
  delete reinterpret_cast<char*>(h);
  return CUBLAS_STATUS_SUCCESS;
}
inline cublasStatus_t cublasSetStream(cublasHandle_t, cudaStream_t) { return CUBLAS_STATUS_SUCCESS; }
inline cublasStatus_t cublasSetMathMode(cublasHandle_t, cublasMath_t) { return CUBLAS_STATUS_SUCCESS; }
inline const char* cublasGetStatusString(cublasStatus_t s) {
  return s == CUBLAS_STATUS_SUCCESS ? "success" : "cuBLAS call failed";
}

inline cublasStatus_t cublasSgemmStridedBatched(cublasHandle_t, cublasOperation_t ta, cublasOperation_t tb,
                                                int m, int n, int k, const float* alpha, const float* A,
                                                int lda, long long stride_a, const float* B, int ldb,
                                                long long stride_b, const float* beta, float* C, int ldc,
                                                long long stride_c, int batch) {
  const int rows_a = ta == CUBLAS_OP_N ? m : k, rows_b = tb == CUBLAS_OP_N ? k : n;
  if (m < 0 || n < 0 || k < 0 || batch < 0 || lda < max(1, rows_a) || ldb < max(1, rows_b) || ldc < max(1, m))
    return CUBLAS_STATUS_INVALID_VALUE;
  if (m == 0 || n == 0 || batch == 0) return CUBLAS_STATUS_SUCCESS;
  const auto extent = [](int rows, int columns, int ld, long long stride, int count) {
    return sizeof(float) *
           static_cast<size_t>(stride * (count - 1) + static_cast<long long>(ld) * (columns - 1) + rows);
  };
  try {
    const int columns_a = ta == CUBLAS_OP_N ? k : m, columns_b = tb == CUBLAS_OP_N ? n : k;
    const auto* a =
        static_cast<const float*>(emulation::host_view(A, extent(rows_a, columns_a, lda, stride_a, batch)));
    const auto* b =
        static_cast<const float*>(emulation::host_view(B, extent(rows_b, columns_b, ldb, stride_b, batch)));
    auto* c = static_cast<float*>(emulation::host_view(C, extent(m, n, ldc, stride_c, batch)));
    for (int i = 0; i < batch; ++i)
      cblas_sgemm(CblasColMajor, ta == CUBLAS_OP_N ? CblasNoTrans : CblasTrans,
                  tb == CUBLAS_OP_N ? CblasNoTrans : CblasTrans, m, n, k, *alpha, a + i * stride_a, lda,
                  b + i * stride_b, ldb, *beta, c + i * stride_c, ldc);
  } catch (const std::exception& e) {
    emulation::fail(cudaErrorIllegalAddress, std::string("cublasSgemm: ") + e.what());
    return CUBLAS_STATUS_EXECUTION_FAILED;
  }
  return CUBLAS_STATUS_SUCCESS;
}
inline cublasStatus_t cublasSgemm(cublasHandle_t h, cublasOperation_t ta, cublasOperation_t tb, int m, int n,
                                  int k, const float* alpha, const float* A, int lda, const float* B, int ldb,
                                  const float* beta, float* C, int ldc) {
  return cublasSgemmStridedBatched(h, ta, tb, m, n, k, alpha, A, lda, 0, B, ldb, 0, beta, C, ldc, 0, 1);
}
