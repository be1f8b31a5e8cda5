// SPDX-License-Identifier: MIT
#include "common/backend/xtensor/gemm.hpp"

#include <algorithm>
#include <limits>
#include <string>

#include <xtensor-blas/xblas.hpp>  // never together with <cblas.h>: both declare the same functions

#include "common/core/check.hpp"

namespace cnn {
namespace {

std::string sizes(Index rows, Index columns) { return std::to_string(rows) + "x" + std::to_string(columns); }

xt::blas_index_t blas_size(Index size) {
  CNN_CHECK(size <= std::numeric_limits<xt::blas_index_t>::max(), ShapeError,
            "[gemm] a side of " + std::to_string(size) + " is more than BLAS counts; use a smaller batch");
  return static_cast<xt::blas_index_t>(size);
}

template <typename T>
cxxblas::Transpose transposition(const Matrix<T>& m) {
  return m.transposed ? cxxblas::Transpose::Trans : cxxblas::Transpose::NoTrans;
}

}  // namespace

void gemm(const Matrix<float>& c, const Matrix<const float>& a, const Matrix<const float>& b, float beta) {
  CNN_CHECK(!c.transposed && a.rows == c.rows && b.columns == c.columns && a.columns == b.rows, ShapeError,
            "[gemm] " + sizes(a.rows, a.columns) + " times " + sizes(b.rows, b.columns) + " does not give " +
                sizes(c.rows, c.columns));
  if (c.rows == 0 || c.columns == 0) return;
  if (a.columns == 0) {  // an empty sum; BLAS would refuse matrices without columns
    for (Index i = 0; i < c.rows && beta == 0; ++i) std::fill_n(c.data + i * c.stride, c.columns, 0.0F);
    return;
  }
  cxxblas::gemm<xt::blas_index_t>(cxxblas::StorageOrder::RowMajor, transposition(a), transposition(b),
                                  blas_size(c.rows), blas_size(c.columns), blas_size(a.columns), 1.0F, a.data,
                                  blas_size(a.stride), b.data, blas_size(b.stride), beta, c.data,
                                  blas_size(c.stride));
}

}  // namespace cnn
