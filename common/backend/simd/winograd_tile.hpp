// SPDX-License-Identifier: MIT
#pragma once

#include "common/core/shape.hpp"

// Winograd's short convolution. With r the side of the kernel and m that of a tile of outputs, one row of a tile is
//
//     y_j = sum_u d_{j+u} g_u,   j = 0 ... m - 1,   from t = m + r - 1 pixels d.
//
// Its transpose is the product of two polynomials with coefficients y and g, and a product of degree t - 1 is known by its
// values at t points, "infinity" (the leading coefficient) being one of them. Evaluate, multiply point by point, interpolate:
// m r multiplications become t. Turned around ("transposition principle") this reads
//
//     y = A^T [(G g) * (B^T d)],       A_ij = a_i^j,   G_ij = a_i^j / N_i,   N_i = prod_{k != i} (a_i - a_k),
//
// with the coefficients of prod_{k != i} (x - a_k) in row i of B^T; the last rows of A and G pick the leading coefficient, the
// last row of B^T has prod_k (x - a_k). An image needs it along both axes: Y = A^T [(G g G^T) * (B^T d B)] A. Lavin and Gray's
// F(4x4, 3x3), t = 6, takes the points 0, +-1, +-2:
//
//           4  0 -5  0  1  0            1/4    0    0
//           0 -4 -4  1  1  0           -1/6 -1/6 -1/6              1  1  1  1  1  0
//     B^T = 0  4 -4 -1  1  0      G =  -1/6  1/6 -1/6       A^T =  0  1 -1  2 -2  0
//           0 -2 -1  2  1  0           1/24 1/12  1/6              0  1  1  4  4  0
//           0  2 -1 -2  1  0           1/24-1/12  1/6              0  1 -1  8 -8  1
//           0  4  0 -5  0  1              0    0    1
//
// Here the matrices are computed from the points, which come in pairs +-a. Points near 1 keep the powers, and with them the
// rounding errors, small: +-3/4, +-3/2 halve the error of +-1, +-2.
// Sources: A. Lavin and S. Gray, "Fast Algorithms for Convolutional Neural Networks" (2015); S. Winograd, "Arithmetic Complexity
// of Computations" (1980).

namespace cnn::simd {
namespace {

template <int rows_, int columns_>
struct Matrix {
  static constexpr int rows = rows_, columns = columns_;
  float at[rows][columns];
};

/// The matrices of m outputs from a kernel of r. `Points` has `value[pairs]`: the points are 0, +-value and infinity.
//! [matrices]
template <int m, int r, typename Points>
struct ShortConvolution {
  static constexpr int t = m + r - 1, finite = t - 1;

  /// Point i: 0, a, -a, b, -b, ...
  static constexpr double point(int i) {
    return i == 0 ? 0 : (i % 2 == 1 ? 1 : -1) * Points::value[(i - 1) / 2];
  }

  static constexpr double power(double base, int exponent) {
    return exponent == 0 ? 1 : base * power(base, exponent - 1);
  }

  /// N_i.
  static constexpr double n(int i) {
    double product = 1;
    for (int k = 0; k < finite; ++k) product *= k == i ? 1 : point(i) - point(k);
    return product;
  }

  /// Values of a polynomial of `columns` coefficients: A; with division by N_i, G.
  template <int columns>
  static constexpr Matrix<t, columns> values(bool divided) {
    Matrix<t, columns> v{};
    for (int i = 0; i < finite; ++i)
      for (int j = 0; j < columns; ++j)
        v.at[i][j] = static_cast<float>(power(point(i), j) / (divided ? n(i) : 1));
    v.at[finite][columns - 1] = 1;
    return v;
  }

  /// B^T.
  static constexpr Matrix<t, t> coefficients() {
    Matrix<t, t> b{};
    for (int i = 0; i < t; ++i) {
      double product[t + 1] = {1};
      for (int k = 0; k < finite; ++k) {
        if (k == i) continue;
        for (int j = t - 1; j >= 0; --j)  // times (x - a_k)
          product[j] = (j > 0 ? product[j - 1] : 0) - point(k) * product[j];
      }
      for (int j = 0; j < t; ++j) b.at[i][j] = static_cast<float>(product[j]);
    }
    return b;
  }

  static constexpr Matrix<t, m> a = values<m>(false);
  static constexpr Matrix<t, r> g = values<r>(true);
  static constexpr Matrix<t, t> bt = coefficients();
};
//! [matrices]

/// Points of F(2x2, 3x3) and F(3x3, 2x2).
struct One {
  static constexpr double value[] = {1};
};
/// Points of F(4x4, 3x3).
struct NearOne {
  static constexpr double value[] = {0.75, 1.5};
};
/// Points of F(6x6, 3x3) and F(4x4, 5x5).
struct AroundOne {
  static constexpr double value[] = {1, 2, 0.5};
};

}  // namespace
}  // namespace cnn::simd
