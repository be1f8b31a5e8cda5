// SPDX-License-Identifier: MIT
#pragma once

#include <array>

#include "common/backend/pixels.hpp"
#include "common/data/prefetcher.hpp"
#include "common/data/resize.hpp"

namespace cnn::data {

/// The weights of a resize on a device; no tensors if images keep their size.
struct ResizeOnDevice {
  ResizeAxis columns;  ///< along a row
  ResizeAxis rows;     ///< along a column

  ResizeOnDevice() = default;
  /// \param resize  of the host
  /// \param device  where its weights are copied to
  ResizeOnDevice(const BilinearResize& resize, Device device);
};

/// Brings batches of pixels to a CUDA device while it computes, and has it make images of them. A byte a pixel of the data set
/// crosses over, where images would have four for each pixel of what is often a larger picture.
///
///     uploads  | pixels k+1 |            | pixels k+2 |
///     compute  | images k | step k ......| images k+1 | step k+1 ....
///
/// There are two places for pixels on the device, used in turn: a batch may be on its way while images are made of the one before.
class Uploader {
 public:
  /// \param device  a CUDA device
  /// \param side    of the images, in pixels
  /// \param resize  to that side
  Uploader(Device device, Index side, ResizeOnDevice resize);
  /// Waits for uploads that are under way: they read page-locked memory that will be used again.
  ~Uploader();
  Uploader(const Uploader&) = delete;
  Uploader& operator=(const Uploader&) = delete;

  /// Queues the upload of a batch, and what makes images of its pixels.
  /// \param batch  u8 [n, c, h, w] and labels, in page-locked memory
  /// \return       images [n, c, side, side] and labels on the device
  /// \throws DeviceError  the device has no room, or some of its work failed
  Batch operator()(Batch batch);

  /// \param batch   images of the largest batch
  /// \param pixels  of an image, all channels together
  /// \return        bytes of the device that the two places take
  static Index bytes_on_device(Index batch, Index pixels);

 private:
  /// Where a batch is between the loader and the step.
  struct Place {
    Batch host{};                     // kept until it has been read
    Tensor pixels{}, labels{};        // on the device; as many as the largest batch has
    device_memory::Event uploaded{};  // the host's memory is free again
    device_memory::Event used{};      // the device's memory is
  };
  Batch images_of(Place& place) const;
  void make_room(Place& place) const;
  void upload(Place& place) const;

  Device device_;
  Index side_;
  ResizeOnDevice resize_;
  std::array<Place, 2> places_;
  std::size_t next_ = 0;
};

}  // namespace cnn::data
