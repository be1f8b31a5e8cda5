// SPDX-License-Identifier: MIT
#include "common/nn/step_memory.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "common/core/first_fit.hpp"
#include "common/core/storage.hpp"
#include "common/nn/concat.hpp"
#include "common/nn/residual.hpp"
#include "common/ops/merge.hpp"

namespace cnn::nn {
namespace {

/// Gives out places as the heap of host tensors does, and counts.
class Tally {
 public:
  Index take(Index bytes) {
    most_ = std::max(most_, alive_ += bytes);
    return places_.take(bytes).value();
  }
  void give_back(Index position, Index bytes) {
    alive_ -= bytes;
    places_.give_back(position, bytes);
  }
  Index alive() const { return alive_; }
  Index most() const { return most_; }
  /// All that somebody has had: those pages are there.
  Index held() const { return alive_ + places_.idle(); }

 private:
  FirstFit places_{Index{1} << 60};
  Index alive_ = 0;
  Index most_ = 0;
};

/// A tensor without elements: copies share a block, and the last one gives it back.
struct Ghost {
  Shape shape;
  std::shared_ptr<const void> block{};
  Index room = 0;  // channels that can be put behind its own

  bool is_sole_owner() const { return block.use_count() == 1; }
};

/// Sends ghosts through a network. Each function has the lines of the one it is named after, without the arithmetic.
class Walk {
 public:
  Walk(Tally& tally, bool scratch) : tally_(tally), scratch_(scratch) {}

  Ghost forward(const Module& module, Ghost x) {
    if (const auto* branches = dynamic_cast<const Concat*>(&module))
      return forward_concat(*branches, std::move(x));
    if (const auto* ways = dynamic_cast<const Residual*>(&module)) {
      Ghost y = forward((*ways)[0], x);
      return sum(std::move(y), forward((*ways)[1], std::move(x)));
    }
    if (const auto* layers = dynamic_cast<const Container*>(&module)) {
      for (std::size_t i = 0; i < layers->size(); ++i) x = forward((*layers)[i], std::move(x));
      return x;
    }
    return forward_leaf(module, std::move(x));
  }

  Ghost backward(const Module& module, Ghost grad_y) {
    if (const auto* branches = dynamic_cast<const Concat*>(&module))
      return backward_concat(*branches, grad_y);
    if (const auto* ways = dynamic_cast<const Residual*>(&module)) {
      Ghost grad_x = backward((*ways)[0], grad_y);
      return sum(std::move(grad_x), backward((*ways)[1], std::move(grad_y)));
    }
    if (const auto* layers = dynamic_cast<const Container*>(&module)) {
      for (std::size_t i = layers->size(); i-- > 0;) grad_y = backward((*layers)[i], std::move(grad_y));
      return grad_y;
    }
    return backward_leaf(module, std::move(grad_y));
  }

  void zero_grad() { gradients_.clear(); }

  Ghost make(const Shape& shape, DType dtype = DType::f32) {
    return {shape, take(element_count(shape) * size_of(dtype))};
  }

  std::shared_ptr<const void> take(Index bytes) {
    if (bytes <= 0) return nullptr;
    const Index block = storage_bytes(bytes);
    return {nullptr, [&tally = tally_, block, position = tally_.take(block)](const void*) {
              tally.give_back(position, block);
            }};
  }

 private:
  struct Kept {
    Shape x;
    std::vector<std::shared_ptr<const void>> blocks;
  };

  /// The result of a layer, in the memory of its argument where the layer works so.
  Ghost result(Memory memory, const Shape& shape, const Ghost& argument) {
    const bool reuse = memory == Memory::shared || (memory == Memory::in_place && argument.is_sole_owner());
    return reuse ? Ghost{shape, argument.block} : make(shape);
  }

  Ghost sum(Ghost a, Ghost b) {
    if (a.is_sole_owner()) return a;
    if (b.is_sole_owner()) return b;
    return make(a.shape);
  }

  Ghost forward_leaf(const Module& layer, Ghost x) {
    const Cost cost = layer.cost(x.shape);
    Ghost y = result(cost.output, layer.output_shape(x.shape), x);
    const auto scratch = take(scratch_ ? cost.scratch_bytes : 0);
    Kept& kept = kept_[&layer];
    Index rest = cost.activation_bytes;
    if (cost.keeps_input) rest -= element_count(x.shape) * size_of(DType::f32);
    if (cost.keeps_output) rest -= element_count(y.shape) * size_of(DType::f32);
    kept = {x.shape, {take(rest)}};
    if (cost.keeps_input) kept.blocks.push_back(x.block);
    if (cost.keeps_output) kept.blocks.push_back(y.block);
    return y;
  }

  Ghost backward_leaf(const Module& layer, Ghost grad_y) {
    const Kept kept = std::exchange(kept_[&layer], {});
    const Cost cost = layer.cost(kept.x);
    gradients_.push_back(take(cost.parameters * size_of(DType::f32)));
    const auto scratch = take(scratch_ ? cost.scratch_bytes : 0);
    if (!layer.is_input_grad_needed()) return {kept.x};
    return result(cost.gradient, kept.x, grad_y);
  }

  Ghost forward_concat(const Concat& branches, Ghost x) {
    const Flow input{.shape = x.shape, .field = {}, .kept = 0, .room = x.room};
    std::vector<Ghost> parts;
    for (std::size_t i = 0; i < branches.size(); ++i)
      parts.push_back(forward(branches[i], i + 1 < branches.size() ? x : std::move(x)));
    std::vector<Shape>& shapes = part_shapes_[&branches];
    shapes.clear();
    for (const Ghost& part : parts) shapes.push_back(part.shape);
    const Shape shape = ops::concat_output_shape(shapes);
    if (branches.grows(input)) return {shape, parts[0].block, input.room - (shape[1] - input.shape[1])};
    Shape buffer = shape;
    buffer[1] += branches.room(shape);
    return {shape, make(buffer).block, branches.room(shape)};
  }

  Ghost backward_concat(const Concat& branches, const Ghost& grad_y) {
    Ghost grad_x;
    for (std::size_t i = 0; i < branches.size(); ++i) {
      const Shape& shape = part_shapes_.at(&branches)[i];
      Ghost part = backward(branches[i], shape.size() == 4 ? Ghost{shape, grad_y.block} : make(shape));
      grad_x = i == 0 ? std::move(part) : sum(std::move(grad_x), std::move(part));
    }
    return grad_x;
  }

  Tally& tally_;
  bool scratch_;
  std::map<const Module*, Kept> kept_;
  std::map<const Module*, std::vector<Shape>> part_shapes_;  // of what the branches of a Concat made
  std::vector<std::shared_ptr<const void>> gradients_;
};

}  // namespace

StepMemory step_memory(const Module& model, const Shape& x, const StepMemoryOptions& options) {
  Tally tally;
  Walk walk(tally, options.scratch);
  std::vector<std::shared_ptr<const void>> parameters;
  const std::vector<Flow> inputs = model.leaf_inputs({.shape = x, .field = {}, .kept = 0});
  const std::vector<Leaf> leaves = model.leaves();
  for (std::size_t i = 0; i < leaves.size(); ++i) {
    const Index bytes = leaves[i].module->cost(inputs[i].shape).parameters * size_of(DType::f32);
    for (Index copy = 0; copy <= options.states; ++copy) parameters.push_back(walk.take(bytes));
  }
  const Index before = tally.alive();
  std::vector<Ghost> batches;
  for (Index k = 0; k < options.batches; ++k) batches.push_back(walk.make(x));
  for (int step = 0; step < 2; ++step) {  // freed gradients of the first wait in the second
    walk.zero_grad();
    const Ghost y = walk.forward(model, batches.at(0));
    walk.backward(model, walk.make(y.shape));
  }
  return {.before = before, .in_use = tally.most(), .held = tally.held()};
}

}  // namespace cnn::nn
