// SPDX-License-Identifier: MIT
#include "common/data/data_loader.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

namespace cnn::data {
namespace {

constexpr Index most_pixels = 4096;

/// p / 255 for each pixel value, divided in float32 as torchvision's ToTensor does.
const std::array<float, 256>& scaled_pixels() {
  static const std::array<float, 256> table = [] {
    std::array<float, 256> values{};
    for (std::size_t p = 0; p < values.size(); ++p) values[p] = static_cast<float>(p) / 255.0F;
    return values;
  }();
  return table;
}

void check_dataset(const Dataset& set) {
  const bool usable = (set.images.rank() == 3 || set.images.rank() == 4) && set.images.dtype() == DType::u8 &&
                      set.labels.rank() == 1 && set.labels.dtype() == DType::i64 &&
                      set.images.shape()[0] == set.labels.shape()[0];
  CNN_CHECK(usable, DataError,
            "[loader] expects u8 images [n, h, w] or [n, c, h, w] and i64 labels [n]; got " +
                to_string(set.images.dtype()) + " " + to_string(set.images.shape()) + " and " +
                to_string(set.labels.dtype()) + " " + to_string(set.labels.shape()));
  CNN_CHECK(set.size() > 0, DataError, "[loader] the data set is empty; give at least one image");
}

/// Everything needed to make the batches of one epoch, away from the loader.
class BatchMaker {
 public:
  BatchMaker(Dataset set, const LoaderOptions& options, std::shared_ptr<const BilinearResize> resize,
             std::vector<Index> order)
      : set_(std::move(set)),
        batch_size_(options.batch_size),
        side_(options.image_size),
        as_pixels_(options.device.type == DeviceType::cuda),
        resize_(std::move(resize)),
        order_(std::move(order)) {}

  Batch operator()(Index number) const {
    const Index first = number * batch_size_;
    const Index count = std::min(batch_size_, set_.size() - first);
    std::vector<Index> chosen(static_cast<std::size_t>(count));
    for (Index i = 0; i < count; ++i) {
      chosen[static_cast<std::size_t>(i)] =
          order_.empty() ? first + i : order_[static_cast<std::size_t>(first + i)];
    }
    return as_pixels_ ? pixels(chosen, number) : images(chosen, number);
  }

 private:
  /// What a device makes images of, in page-locked memory.
  Batch pixels(const std::vector<Index>& chosen, Index number) const {
    const auto count = static_cast<Index>(chosen.size());
    const Shape& shape = set_.images.shape();
    const Index size = set_.images.image_stride();
    Batch batch{
        Tensor::page_locked({count, set_.channels(), shape[shape.size() - 2], shape.back()}, DType::u8),
        Tensor::page_locked({count}, DType::i64), number};
    for (Index i = 0; i < count; ++i) {
      const Index image = chosen[static_cast<std::size_t>(i)];
      batch.labels.labels()[i] = set_.labels.labels()[image];
      std::copy_n(set_.images.pixels() + image * size, size, batch.images.pixels() + i * size);
    }
    return batch;
  }

  Batch images(const std::vector<Index>& chosen, Index number) const {
    const auto count = static_cast<Index>(chosen.size());
    const Index channels = set_.channels();
    const Index plane = set_.images.image_stride() / channels;
    Batch batch{Tensor::empty({count, channels, side_, side_}), Tensor::empty({count}, {}, DType::i64),
                number};
    std::vector<std::uint8_t> resized(resize_ ? static_cast<std::size_t>(side_ * side_) : 0);
    for (Index i = 0; i < count; ++i) {
      const Index image = chosen[static_cast<std::size_t>(i)];
      batch.labels.labels()[i] = set_.labels.labels()[image];
      for (Index c = 0; c < channels; ++c) {
        const std::uint8_t* pixels = set_.images.pixels() + (image * channels + c) * plane;
        if (resize_) {
          (*resize_)(pixels, resized.data());
          pixels = resized.data();
        }
        scale(pixels, batch.images.data() + (i * channels + c) * side_ * side_);
      }
    }
    return batch;
  }

  void scale(const std::uint8_t* pixels, float* values) const {
    const std::array<float, 256>& scaled = scaled_pixels();
    std::transform(pixels, pixels + side_ * side_, values, [&](std::uint8_t pixel) { return scaled[pixel]; });
  }

  Dataset set_;
  Index batch_size_;
  Index side_;
  bool as_pixels_;
  std::shared_ptr<const BilinearResize> resize_;
  std::vector<Index> order_;  // empty: as stored
};

}  // namespace

BatchIterator::BatchIterator(std::shared_ptr<Prefetcher> batches, std::shared_ptr<Uploader> uploader)
    : batches_(std::move(batches)), uploader_(std::move(uploader)), batch_(std::make_shared<Batch>()) {
  ++*this;
}

BatchIterator& BatchIterator::operator++() {
  if (!batches_->next(*batch_)) {
    batches_.reset();
  } else if (uploader_) {
    *batch_ = (*uploader_)(std::move(*batch_));
  }
  return *this;
}

DataLoader::DataLoader(const Dataset& dataset, const LoaderOptions& options, Rng& rng)
    : dataset_(dataset), options_(options), rng_(rng) {
  check_dataset(dataset_);
  CNN_CHECK(options.batch_size >= 1, UsageError,
            "[loader] batch size " + std::to_string(options.batch_size) + "; it must be 1 or more");
  CNN_CHECK(options.image_size >= 1 && options.image_size <= most_pixels, UsageError,
            "[loader] image size " + std::to_string(options.image_size) + "; it must be 1 to " +
                std::to_string(most_pixels) + " pixels");
  const Shape& shape = dataset.images.shape();
  const Size2d from{shape[shape.size() - 2], shape.back()};
  const Size2d to{options.image_size};
  if (from != to) resize_ = std::make_shared<BilinearResize>(from, to);
  if (resize_ && options.device.type == DeviceType::cuda) resize_on_device_ = {*resize_, options.device};
}

Index DataLoader::size() const noexcept {
  const Index images = dataset_.labels.size();
  return images / options_.batch_size + (images % options_.batch_size != 0 ? 1 : 0);
}

Index DataLoader::pixel_bytes(Index batch) const {
  if (options_.device.type != DeviceType::cuda) return 0;
  return Uploader::bytes_on_device(batch, dataset_.images.image_stride());
}

Epoch DataLoader::epoch(Index first_batch) {
  CNN_CHECK(first_batch >= 0 && first_batch <= size(), UsageError,
            "[loader] an epoch from batch " + std::to_string(first_batch) + " asked for; there are " +
                std::to_string(size()) + " batches");
  std::vector<Index> order;
  if (options_.shuffle) {
    order = shuffled_order(rng_, dataset_.size());
  } else {
    draw_base_seed(rng_);
  }
  BatchMaker make(dataset_, options_, resize_, std::move(order));
  std::shared_ptr<Uploader> uploader;
  if (options_.device.type == DeviceType::cuda)
    uploader = std::make_shared<Uploader>(options_.device, options_.image_size, resize_on_device_);
  return {std::make_shared<Prefetcher>(first_batch, size(), std::move(make)), std::move(uploader)};
}

}  // namespace cnn::data
