// SPDX-License-Identifier: MIT
#pragma once

// The only bridge to xtensor, and the only header that knows its two layouts: version 0.26 moved the headers into folders.
#if __has_include(<xtensor/containers/xtensor.hpp>)
#include <xtensor/containers/xadapt.hpp>
#include <xtensor/containers/xtensor.hpp>
#include <xtensor/core/xmath.hpp>
#include <xtensor/core/xnoalias.hpp>
#include <xtensor/generators/xbuilder.hpp>
#include <xtensor/io/xio.hpp>
#include <xtensor/views/xview.hpp>
#else
#include <xtensor/xadapt.hpp>
#include <xtensor/xbuilder.hpp>
#include <xtensor/xio.hpp>
#include <xtensor/xmath.hpp>
#include <xtensor/xnoalias.hpp>
#include <xtensor/xtensor.hpp>
#include <xtensor/xview.hpp>
#endif

#include <array>

#include "common/tensor/tensor.hpp"

namespace cnn {

namespace detail {
template <std::size_t Rank>
std::array<std::size_t, Rank> view_shape(const Tensor& x) {
  CNN_CHECK(x.device().type == DeviceType::cpu, DeviceError,
            "[view] xtensor sees host tensors only; this one is on " + to_string(x.device()));
  CNN_CHECK(x.dtype() == DType::f32 && x.is_dense(), StateError,
            "[view] xtensor views need a dense f32 tensor");
  const auto dims = x.dims<Rank>();
  std::array<std::size_t, Rank> shape;
  for (std::size_t axis = 0; axis < Rank; ++axis) shape[axis] = static_cast<std::size_t>(dims[axis]);
  return shape;
}
}  // namespace detail

/// Shows a dense float32 host tensor to xtensor, without a copy: writing to the view writes to the tensor, which must outlive it.
/// \param x  the tensor
/// \return   an xtensor adaptor of fixed rank
/// \throws ShapeError  the rank is not Rank
template <std::size_t Rank>
auto view(Tensor& x) {
  const auto shape = detail::view_shape<Rank>(x);
  return xt::adapt(x.data(), static_cast<std::size_t>(x.size()), xt::no_ownership(), shape);
}

/// Shows a dense float32 host tensor to xtensor for reading, without a copy; the tensor must outlive the view.
/// \param x  the tensor
/// \return   an xtensor adaptor of fixed rank
/// \throws ShapeError  the rank is not Rank
template <std::size_t Rank>
auto view(const Tensor& x) {
  const auto shape = detail::view_shape<Rank>(x);
  return xt::adapt(x.data(), static_cast<std::size_t>(x.size()), xt::no_ownership(), shape);
}

/// Copies an xtensor container or expression into a tensor.
/// \param expression  anything xtensor can evaluate
/// \return            a float32 host tensor of the same shape
template <typename Expression>
Tensor from_xtensor(const Expression& expression) {
  const xt::xarray<float> values = expression;
  Shape shape(values.shape().begin(), values.shape().end());
  return Tensor::from_values(std::move(shape), {values.data(), values.size()});
}

}  // namespace cnn
