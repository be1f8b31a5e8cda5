// SPDX-License-Identifier: MIT
// Batches that a device makes of pixels, and results that are read while it computes.
#include <emulation/control.hpp>

#include <algorithm>
#include <vector>

#include "common/data/data_loader.hpp"
#include "common/data/uploader.hpp"
#include "common/ops/dropout.hpp"
#include "common/ops/elementwise.hpp"
#include "common/tensor/download.hpp"
#include "common/tensor/upload.hpp"
#include "tests/common/backend/cuda/device.hpp"

using namespace cnn;
using namespace cnn::test;

BOOST_AUTO_TEST_SUITE(batches)

namespace {

constexpr Device device{DeviceType::cuda};

/// Pixels without any order.
data::Dataset noise(Shape shape) {
  data::Dataset set{Tensor::empty(std::move(shape), {}, DType::u8), {}};
  set.labels = Tensor::empty({set.images.shape()[0]}, {}, DType::i64);
  Rng rng(3);
  for (Index i = 0; i < set.images.size(); ++i)
    set.images.pixels()[i] = static_cast<std::uint8_t>(rng.draw() >> 24);
  for (Index i = 0; i < set.size(); ++i) set.labels.labels()[i] = i;
  return set;
}

std::vector<data::Batch> epoch_of(const data::Dataset& set, const data::LoaderOptions& options) {
  Rng rng(5);
  data::DataLoader loader(set, options, rng);
  std::vector<data::Batch> all;
  for (data::Batch& batch : loader) all.push_back(std::move(batch));
  return all;
}

/// Sizes of a data set, and the side that its images are resized to.
struct Sizes {
  Shape shape;
  Index side;
};
std::ostream& operator<<(std::ostream& out, const Sizes& s) {
  return out << to_string(s.shape) << " to " << s.side;
}

/// A call of the runtime that fails after a copy was queued.
struct FailingCall {
  const char* name;
  int nth;
};
std::ostream& operator<<(std::ostream& out, const FailingCall& c) {
  return out << "call " << c.nth << " of " << c.name;
}

/// Has all queues done; the emulation fails if an upload reads what it was not given.
void finish_uploads() {
  device_memory::wait(device_memory::record(device_memory::Queue::uploads, 0), 0);
  device_memory::synchronize(0);
}

}  // namespace

// Nothing waits for the device before the end: all of its work is still to be done when the last batch is on its way.
BOOST_DATA_TEST_CASE(have_the_bits_of_the_host_s,
                     boost::unit_test::data::make(std::vector<Sizes>{{{10, 28, 28}, 28},
                                                                     {{10, 28, 28}, 32},
                                                                     {{10, 28, 28}, 97},
                                                                     {{7, 28, 28}, 224},
                                                                     {{10, 28, 28}, 11},
                                                                     {{10, 3, 9, 14}, 12},
                                                                     {{10, 3, 40, 3}, 7}}),
                     sizes) {
  const data::Dataset set = noise(sizes.shape);
  data::LoaderOptions options{.batch_size = 3, .image_size = sizes.side, .shuffle = true};
  const std::vector<data::Batch> host = epoch_of(set, options);
  options.device = device;
  const std::vector<data::Batch> made = epoch_of(set, options);
  BOOST_TEST_REQUIRE(made.size() == host.size());
  for (std::size_t k = 0; k < host.size(); ++k) {
    BOOST_TEST(made[k].first == host[k].first);
    BOOST_TEST((made[k].images.device() == device));
    BOOST_TEST(tensors_close(made[k].images, host[k].images), "batch " << k);
    BOOST_TEST(tensors_close(made[k].labels, host[k].labels), "batch " << k);
  }
}

BOOST_AUTO_TEST_CASE(are_made_when_their_pixels_have_come) {
  const data::Dataset set = noise({9, 28, 28});
  const std::vector<data::Batch> host = epoch_of(set, {.batch_size = 2});
  Rng rng(1);
  data::DataLoader loader(set, {.batch_size = 2, .device = device}, rng);
  for (const data::Batch& batch : loader) {  // the computing is waited for, and not the upload
    const auto& expected = host[static_cast<std::size_t>(batch.first)];
    BOOST_TEST(tensors_close(batch.images, expected.images), "batch " << batch.first);
    BOOST_TEST(tensors_close(batch.labels, expected.labels), "batch " << batch.first);
  }
}

BOOST_AUTO_TEST_CASE(leave_their_buffers_to_the_next_when_they_have_been_read) {
  const data::Dataset set = noise({60, 9, 9});
  const std::vector<data::Batch> host = epoch_of(set, {.batch_size = 1, .image_size = 9});
  const std::vector<data::Batch> made = epoch_of(set, {.batch_size = 1, .image_size = 9, .device = device});
  for (std::size_t k = 0; k < host.size(); ++k)
    BOOST_TEST(tensors_close(made[k].images, host[k].images), "batch " << k);
}

BOOST_AUTO_TEST_CASE(cross_over_as_bytes_in_two_copies) {
  const data::Dataset set = noise({8, 28, 28});
  epoch_of(set, {.batch_size = 4, .image_size = 56, .device = device});
  emulation::reset_counters();
  epoch_of(set, {.batch_size = 4, .image_size = 28, .device = device});
  const emulation::Counters c = emulation::counters();
  BOOST_TEST(c.uploads == 2 * 2);
  BOOST_TEST(c.upload_bytes == 8 * (28 * 28 + 8));
  BOOST_TEST(c.launches == 2);
  BOOST_TEST(c.device_waits == 0);
  BOOST_TEST(emulation::calls("cudaHostAlloc") == 0);  // the buffers of the epoch before
}

BOOST_AUTO_TEST_CASE(that_nobody_wants_are_dropped) {
  const data::Dataset set = noise({12, 28, 28});
  Rng rng(1);
  data::DataLoader loader(set, {.batch_size = 2, .device = device}, rng);
  Tensor kept;
  {
    const data::Epoch epoch = loader.epoch();
    auto batch = epoch.begin();
    kept = (++batch)->images;
  }
  const Tensor again = epoch_of(set, {.batch_size = 2})[1].images;
  BOOST_TEST(tensors_close(kept, again));
}

// As many are under way as there are buffers, and then the oldest has been read before the next is drawn.
BOOST_AUTO_TEST_CASE(masks_cross_over_while_the_host_draws_the_next) {
  const Shape shape{4, 250};
  Rng rng(1), same(1);
  std::vector<Tensor> masks;
  emulation::reset_counters();
  for (int k = 0; k < 20; ++k) masks.push_back(ops::dropout_mask(shape, 0.5, rng, device));
  BOOST_TEST(emulation::counters().uploads == 20);
  BOOST_TEST(emulation::calls("cudaHostAlloc") > 1);
  BOOST_TEST(emulation::calls("cudaHostAlloc") < 10);
  for (const Tensor& mask : masks) BOOST_TEST(tensors_close(mask, ops::dropout_mask(shape, 0.5, same)));
}

BOOST_AUTO_TEST_CASE(download_has_what_was_there_when_it_was_queued) {
  const BackendScope scope("cuda");
  Tensor x = random({1000}, 1);
  const Tensor former = x.to({});
  Download download(x);
  ops::add_scaled_inplace(x, random({1000}, 2), 1);
  const Tensor arrived = download.get().clone();
  BOOST_TEST(tensors_close(arrived, former));
  BOOST_TEST(!tensors_close(x, former));
}

BOOST_AUTO_TEST_CASE(download_waits_for_nothing_that_came_later) {
  const BackendScope scope("cuda");
  const Tensor x = random({8}, 1), zeros = on_device(Tensor::zeros({8}));
  const Tensor later = Tensor::page_locked({8});
  const auto has_come = [&] { return std::ranges::all_of(later.values(), [](float v) { return v == 0; }); };
  Download download(x);
  const Index bytes = 8 * size_of(DType::f32);
  device_memory::copy(later.bytes(), bytes, zeros.bytes(), bytes, bytes, 1, 0);
  const Tensor& host = download.get();
  BOOST_TEST(tensors_close(host, random_tensor({8}, 1)));
  BOOST_TEST(!has_come());
  device_memory::synchronize(0);
  BOOST_TEST(has_come());
}

BOOST_AUTO_TEST_CASE(download_of_a_host_tensor_is_the_tensor) {
  const Tensor x = random_tensor({5}, 1);
  Download download(x);
  BOOST_TEST(download.get().shares_storage_with(x));
}

// Where the buffer goes back to the pool, the next one that asks for its size has it.
BOOST_AUTO_TEST_CASE(upload_that_fails_keeps_its_source_until_it_has_been_read) {
  Tensor source = empty_for_upload({1250}, device);
  const std::byte* const at = source.bytes();
  std::ranges::fill(source.values(), 1.0F);
  emulation::fail_call("cudaEventRecord", 1, cudaErrorMemoryAllocation);
  BOOST_CHECK_THROW(upload(std::move(source), device), DeviceError);
  Tensor next = Tensor::page_locked({1250});
  BOOST_TEST_REQUIRE(next.bytes() == at);
  std::ranges::fill(next.values(), 2.0F);
  BOOST_CHECK_NO_THROW(finish_uploads());
}

BOOST_DATA_TEST_CASE(batch_whose_upload_fails_is_kept_until_it_has_been_read,
                     boost::unit_test::data::make(std::vector<FailingCall>{{"cudaMemcpyAsync", 2},
                                                                           {"cudaEventRecord", 2}}),
                     call) {
  const Shape shape{2, 1, 27, 29};
  data::Batch batch{Tensor::page_locked(shape, DType::u8), Tensor::page_locked({2}, DType::i64), 0};
  const std::byte* const at = batch.images.bytes();
  std::fill_n(batch.images.pixels(), batch.images.size(), std::uint8_t{1});
  std::fill_n(batch.labels.labels(), 2, 0);
  {
    data::Uploader uploader(device, 27, {});
    emulation::fail_call(call.name, call.nth, cudaErrorMemoryAllocation);
    BOOST_CHECK_THROW(uploader(std::move(batch)), DeviceError);
  }
  Tensor next = Tensor::page_locked(shape, DType::u8);
  BOOST_TEST_REQUIRE(next.bytes() == at);
  std::fill_n(next.pixels(), next.size(), std::uint8_t{2});
  BOOST_CHECK_NO_THROW(finish_uploads());
}

BOOST_AUTO_TEST_CASE(download_that_fails_writes_to_no_memory_of_others) {
  const Tensor x = Tensor::zeros({1300}).to(device);
  device_memory::synchronize(0);
  emulation::fail_call("cudaEventRecord", 1, cudaErrorMemoryAllocation);
  BOOST_CHECK_THROW(Download{x}, DeviceError);
  Tensor next = Tensor::page_locked({1300});
  std::ranges::fill(next.values(), 2.0F);
  device_memory::synchronize(0);
  BOOST_TEST(std::ranges::all_of(next.values(), [](float v) { return v == 2; }));
}

BOOST_AUTO_TEST_SUITE_END()
