// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "common/nn/module.hpp"

namespace cnn::nn {

/// A tensor on its way through a network, without its elements.
struct Flow {
  Shape shape;                ///< sizes of the axes
  ReceptiveField field = {};  ///< what one element sees of the network's input
};

/// What passes through one of the leaves of a network.
struct LeafFlow {
  const Module* module;  ///< the leaf
  Flow x;                ///< its input
  Flow y;                ///< its output
};

/// Follows a tensor through a network: through the layers of a Sequential one after the other, through the children of any
/// other container side by side.
/// \param module  a layer or a network
/// \param x       the input
/// \param leaves  gets what passes through the leaves, in the order of Module::leaves(); null if nobody wants it
/// \return        the output
/// \throws ShapeError  the input does not fit
Flow trace(const Module& module, const Flow& x, std::vector<LeafFlow>* leaves = nullptr);

/// \param prefix  full name of a module, may be empty
/// \param name    part of a name inside it, may be empty
/// \return        both with a point between them, or the one that is not empty
std::string join_names(const std::string& prefix, const std::string& name);

}  // namespace cnn::nn
