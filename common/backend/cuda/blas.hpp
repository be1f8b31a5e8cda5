// SPDX-License-Identifier: MIT
#pragma once

#include <cublas_v2.h>

#include <mutex>

#include "common/tensor/tensor.hpp"

namespace cnn::cuda {

/// Some matrices of one size in the memory of a device, row by row.
template <typename T>
struct Matrices {
  T* data;                  ///< first element of the first one
  Index row;                ///< elements from one row to the next
  Index next = 0;           ///< elements from one matrix to the next; 0 if all are the same one
  bool transposed = false;  ///< whether rows in memory are the columns of what is meant
};

/// cuBLAS on the current device, for the life of a scope: its products are queued in the compute stream, and nobody else uses it.
class Blas {
 public:
  /// What cuBLAS may use beside the operands, in floats: 4 MiB, as its manual advises, and 32 MiB from compute capability 9.0 on.
  /// It would allocate as much by itself, unseen by our accounts.
  /// \return floats, a multiple of 64
  static Index workspace_floats();

  /// \param workspace  workspace_floats() numbers, to be kept until the last product is queued
  /// \throws DeviceError  cuBLAS is not usable
  explicit Blas(float* workspace);

  /// C = A B, or C += A B, for each matrix of a batch.
  /// \param c        [m, n]
  /// \param a        [m, k]
  /// \param b        [k, n]
  /// \param m,n,k    positive
  /// \param adds     whether C is added to
  /// \param batch    how many, at most 65535
  /// \throws DeviceError  a size is larger than 2^31 - 1, or the launch failed
  void multiply(const Matrices<float>& c, const Matrices<const float>& a, const Matrices<const float>& b,
                Index m, Index n, Index k, bool adds, Index batch = 1) const;

 private:
  std::unique_lock<std::mutex> lock_;
  cublasHandle_t handle_ = nullptr;
};

}  // namespace cnn::cuda
