// SPDX-License-Identifier: MIT
#include "common/ops/merge.hpp"

#include <utility>
#include <vector>

#include "common/core/check.hpp"
#include "common/ops/checks.hpp"

namespace cnn::ops {
Shape concat_output_shape(std::span<const Shape> parts) {
  CNN_CHECK(!parts.empty(), ShapeError, "[concat] there is nothing to put together; give at least one part");
  Shape total = parts[0];
  CNN_CHECK(total.size() >= 2, ShapeError,
            "[concat] parts must be [n, c, ...]; the first one is " + to_string(total));
  for (std::size_t k = 1; k < parts.size(); ++k) {
    Shape same = parts[k];
    if (same.size() == total.size()) same[1] = parts[0][1];
    CNN_CHECK(same == parts[0], ShapeError,
              "[concat] part " + std::to_string(k) + " is " + to_string(parts[k]) + ", part 0 is " +
                  to_string(parts[0]) + "; all but the channels must agree");
    total[1] += parts[k][1];
  }
  return total;
}

Tensor concat_channels(std::span<const Tensor> parts, const ConcatOptions& options) {
  std::vector<Shape> shapes;
  for (const Tensor& part : parts) {
    detail::backend_of("concat", {{"the first part", &parts[0]}, {"a part", &part}});
    shapes.push_back(part.shape());
  }
  Shape shape = concat_output_shape(shapes);  // refuses an empty list before its first part is asked for
  const Index kept = parts[0].shape()[1];
  Tensor y = options.grow ? parts[0].grown(shape[1] - kept) : Tensor{};
  if (!y.defined()) {
    y = Tensor::with_reserve(std::move(shape), options.reserve, parts[0].device());
    y.channels(0, kept).copy_from(parts[0]);
  }
  Index channel = kept;
  for (const Tensor& part : parts.subspan(1)) {
    y.channels(channel, part.shape()[1]).copy_from(part);
    channel += part.shape()[1];
  }
  return y;
}

}  // namespace cnn::ops
