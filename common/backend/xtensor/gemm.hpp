// SPDX-License-Identifier: MIT
#pragma once

#include "common/core/shape.hpp"

namespace cnn {

/// A matrix somewhere in memory, row after row; BLAS reads it transposed if asked to.
template <typename T>
struct Matrix {
  T* data;                  ///< first element
  Index rows, columns;      ///< as they are used, after transposing
  Index stride;             ///< elements from one row in memory to the next
  bool transposed = false;  ///< whether memory holds the transpose
};

/// \param data     first element
/// \param rows     rows
/// \param columns  columns, without gaps between the rows
/// \return         the matrix
template <typename T>
Matrix<T> matrix(T* data, Index rows, Index columns) {
  return {data, rows, columns, columns};
}

/// \param m  a matrix
/// \return   its transpose: the same memory, read the other way
template <typename T>
Matrix<T> transpose(Matrix<T> m) {
  return {m.data, m.columns, m.rows, m.stride, !m.transposed};
}

/// \f$ C = A B + \beta C \f$ in single precision, by BLAS (xtensor-blas, OpenBLAS). Used instead of `xt::linalg::dot`, which
/// mistakes two different views of one memory for a matrix and its own transpose.
/// \param c     [m, n], not transposed
/// \param a     [m, k]
/// \param b     [k, n]
/// \param beta  0 overwrites C (whatever it holds), 1 adds to it
/// \throws ShapeError  the sizes do not fit together, or exceed what BLAS counts with
void gemm(const Matrix<float>& c, const Matrix<const float>& a, const Matrix<const float>& b, float beta = 0);

}  // namespace cnn
