// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "common/backend/argmax.hpp"
#include "common/core/shape.hpp"
#include "common/core/threads.hpp"

namespace cnn::reference {

// Shapes: logits z, probabilities p and grad [n, classes], labels t and losses [n]. The largest score is subtracted first:
// it changes nothing, e^(z - m) / sum e^(z - m) = e^z / sum e^z, and no power overflows.

/// The part both functions share: p = softmax(z) of one row.
/// \param p        overwritten; may be z
/// \param z        scores
/// \param classes  number of scores
/// \return         log of the sum of e^z
template <typename T>
double softmax_row(T* p, const T* z, Index classes) {
  const double largest = double{*std::max_element(z, z + classes)};
  double sum = 0;
  for (Index j = 0; j < classes; ++j) sum += std::exp(double{z[j]} - largest);
  for (Index j = 0; j < classes; ++j) p[j] = static_cast<T>(std::exp(double{z[j]} - largest) / sum);
  return largest + std::log(sum);
}

/// \f$ p_{ij} = e^{z_{ij}} / \sum_k e^{z_{ik}} \f$
/// \param p        probabilities, overwritten
/// \param z        scores
/// \param n        rows
/// \param classes  columns
template <typename T>
void softmax(T* p, const T* z, Index n, Index classes) {
  parallel_for(n, 64, [=](Index first, Index last) {
    for (Index i = first; i < last; ++i) softmax_row(p + i * classes, z + i * classes, classes);
  });
}

/// \f$ \ell_i = \log\sum_j e^{z_{ij}} - z_{i,t_i} \f$ and, of their mean over the whole batch of m rows,
/// \f$ \partial L / \partial z_{ij} = (p_{ij} - [j = t_i]) / m \f$
/// \param losses   one a row, overwritten; NaN where the label is no class
/// \param correct  one a row, overwritten: whether the largest score is the label's
/// \param grad     overwritten; null if not wanted
/// \param z        scores
/// \param labels   the right class of each row
/// \param n        rows
/// \param classes  columns
/// \param images   rows of the whole batch
template <typename T>
void softmax_cross_entropy(T* losses, std::uint8_t* correct, T* grad, const T* z, const std::int64_t* labels,
                           Index n, Index classes, Index images) {
  parallel_for(n, 64, [=](Index first, Index last) {
    std::vector<T> p(static_cast<std::size_t>(classes));
    for (Index i = first; i < last; ++i) {
      const T* const scores = z + i * classes;
      const bool is_class = labels[i] >= 0 && labels[i] < classes;
      const double own = is_class ? double{scores[labels[i]]} : std::numeric_limits<double>::quiet_NaN();
      losses[i] = static_cast<T>(softmax_row(p.data(), scores, classes) - own);
      correct[i] = argmax(scores, classes) == labels[i];
      if (grad == nullptr) continue;
      for (Index j = 0; j < classes; ++j) {
        const T one_hot = j == labels[i] ? 1 : 0;
        grad[i * classes + j] = (p[static_cast<std::size_t>(j)] - one_hot) / static_cast<T>(images);
      }
    }
  });
}

}  // namespace cnn::reference
