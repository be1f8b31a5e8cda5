// SPDX-License-Identifier: MIT
#pragma once

#include "chapters/03_channels/corr2d_multi_in_out.hpp"

namespace cnn::channels {

/// What a convolution costs: memory for its kernels, work for one image.
struct Cost {
  std::size_t parameters;  ///< numbers in the kernels
  std::size_t macs;        ///< multiplications, each followed by an addition
  bool operator==(const Cost&) const = default;
};

/// Cost of a convolution by the formula.
///
/// \f[ \text{parameters} = c_o\, c_i\, k_h\, k_w, \qquad \text{MACs} = \text{parameters} \cdot o_h\, o_w \f]
///
/// \param x  an image, [ic, ih, iw]
/// \param k  kernels, [oc, ic, kh, kw]
/// \return   parameters and multiplications
//! [formula]
inline Cost cost_by_formula(const Image& x, const Kernels& k) {
  const std::size_t oh = x.shape(1) - k.shape(2) + 1;
  const std::size_t ow = x.shape(2) - k.shape(3) + 1;
  const std::size_t parameters = k.shape(0) * k.shape(1) * k.shape(2) * k.shape(3);
  return {parameters, parameters * oh * ow};
}
//! [formula]

/// Cost of a convolution, counted: walks through its six loops and adds one for each product.
/// \param x  an image, [ic, ih, iw]
/// \param k  kernels, [oc, ic, kh, kw]
/// \return   parameters and multiplications
//! [counted]
inline Cost cost_by_counting(const Image& x, const Kernels& k) {
  const std::size_t oh = x.shape(1) - k.shape(2) + 1;
  const std::size_t ow = x.shape(2) - k.shape(3) + 1;
  Image y = xt::zeros<float>({k.shape(0), oh, ow});
  std::size_t macs = 0;
  for (std::size_t o = 0; o < k.shape(0); ++o)
    for (std::size_t i = 0; i < oh; ++i)
      for (std::size_t j = 0; j < ow; ++j)
        for (std::size_t c = 0; c < k.shape(1); ++c)
          for (std::size_t u = 0; u < k.shape(2); ++u)
            for (std::size_t v = 0; v < k.shape(3); ++v) {
              y(o, i, j) += x(c, i + u, j + v) * k(o, c, u, v);
              ++macs;
            }
  return {k.size(), macs};
}
//! [counted]

}  // namespace cnn::channels
