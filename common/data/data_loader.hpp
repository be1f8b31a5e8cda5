// SPDX-License-Identifier: MIT
#pragma once

#include <iterator>
#include <memory>
#include <optional>

#include "common/core/random.hpp"
#include "common/data/dataset.hpp"
#include "common/data/prefetcher.hpp"
#include "common/data/resize.hpp"
#include "common/data/uploader.hpp"

namespace cnn::data {

/// How a loader makes batches.
struct LoaderOptions {
  Index batch_size = 256;  ///< images a batch; the last batch of an epoch may be smaller
  Index image_size = 28;   ///< height and width of the batches' images, in pixels
  bool shuffle = false;    ///< a new order in each epoch
  Device device = {};      ///< where batches are handed out; a CUDA device makes the images of pixels itself
};

/// Walks over the batches of one epoch, once.
class BatchIterator {
 public:
  using value_type = Batch;                ///< what it points to
  using difference_type = std::ptrdiff_t;  ///< distance of two iterators

  /// An iterator that cannot be used until one is assigned to it.
  BatchIterator() = default;
  /// Waits for the first batch.
  /// \param batches  where the batches come from
  /// \param uploader  what brings them to a device; null if they stay on the host
  BatchIterator(std::shared_ptr<Prefetcher> batches, std::shared_ptr<Uploader> uploader);

  /// \return the batch; its tensors may be moved away
  Batch& operator*() const { return *batch_; }
  /// \return the batch; its tensors may be moved away
  Batch* operator->() const { return batch_.get(); }
  /// Waits for the next batch.
  /// \return this iterator
  BatchIterator& operator++();
  /// Waits for the next batch.
  void operator++(int) { ++*this; }
  /// \return true after the last batch
  bool operator==(std::default_sentinel_t) const { return !batches_; }

 private:
  std::shared_ptr<Prefetcher> batches_;  // null at the end
  std::shared_ptr<Uploader> uploader_;   // null on the host
  std::shared_ptr<Batch> batch_;
};

/// The batches of one epoch, to be walked over once; leaving early is fine.
class Epoch {
 public:
  /// \param batches   where the batches come from
  /// \param uploader  what brings them to a device; null if they stay on the host
  Epoch(std::shared_ptr<Prefetcher> batches, std::shared_ptr<Uploader> uploader)
      : batches_(std::move(batches)), uploader_(std::move(uploader)) {}

  /// \return iterator at the first batch not handed out yet
  BatchIterator begin() const { return {batches_, uploader_}; }
  /// \return the end
  std::default_sentinel_t end() const noexcept { return {}; }

 private:
  std::shared_ptr<Prefetcher> batches_;
  std::shared_ptr<Uploader> uploader_;
};

/// Cuts a data set into batches of float images, resized and scaled to 0 ... 1, with the next two in preparation on another
/// thread; for a CUDA device as pixels in page-locked memory, of which it makes the images (see Uploader). Order and random
/// numbers are those of PyTorch's DataLoader with the same seed: an epoch with shuffling draws two 64-bit numbers, one without
/// draws one. They are drawn in epoch(), on the thread that calls it.
///
/// `for (Batch& batch : loader)` walks over one epoch.
class DataLoader {
 public:
  /// \param dataset  images and labels; shared, not copied
  /// \param options  sizes and shuffling
  /// \param rng      the main generator; must outlive the loader
  /// \throws UsageError  batch_size is below 1, or image_size below 1 or above 4,096
  /// \throws DataError   the data set is empty, or not u8 [n, h, w] or [n, c, h, w] with i64 [n]
  DataLoader(const Dataset& dataset, const LoaderOptions& options, Rng& rng);

  /// \return batches an epoch, a smaller last one included
  Index size() const noexcept;
  /// \return images an epoch
  Index image_count() const { return dataset_.size(); }
  /// \return channels of the images
  Index channels() const { return dataset_.channels(); }
  /// \return sizes and shuffling
  const LoaderOptions& options() const noexcept { return options_; }
  /// \param batch  images of the largest batch
  /// \return       bytes of a device that its batches take there as pixels, beside their images; 0 on the host
  Index pixel_bytes(Index batch) const;

  /// Draws the order of an epoch and starts preparing its batches. With the same state of the generator, epoch(k) gives
  /// what epoch(0) gives after its first k batches.
  /// \param first_batch  number of the first batch, from 0; size() gives an empty range
  /// \return             the batches
  /// \throws UsageError  there is no such batch
  Epoch epoch(Index first_batch = 0);

  /// Starts an epoch, see epoch().
  /// \return iterator at its first batch
  BatchIterator begin() { return epoch().begin(); }
  /// \return the end
  std::default_sentinel_t end() const noexcept { return {}; }

 private:
  Dataset dataset_;
  LoaderOptions options_;
  Rng& rng_;
  std::shared_ptr<const BilinearResize> resize_;  // null if the images have the right size
  ResizeOnDevice resize_on_device_;               // the same where batches are handed out
};

}  // namespace cnn::data
