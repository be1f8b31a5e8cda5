// SPDX-License-Identifier: MIT
#include <boost/test/unit_test.hpp>

#include "common/core/check.hpp"
#include "common/core/device.hpp"
#include "common/core/storage.hpp"

using namespace cnn;

BOOST_AUTO_TEST_SUITE(device)

BOOST_AUTO_TEST_CASE(is_written_as_in_pytorch) {
  BOOST_TEST(to_string(Device{}) == "cpu");
  BOOST_TEST(to_string(Device{DeviceType::cuda, 1}) == "cuda:1");
  BOOST_TEST(to_string(Device{DeviceType::meta}) == "meta");
}

BOOST_AUTO_TEST_CASE(element_types_have_sizes_and_names) {
  BOOST_TEST(size_of(DType::f32) == 4);
  BOOST_TEST(size_of(DType::i32) == 4);
  BOOST_TEST(size_of(DType::i64) == 8);
  BOOST_TEST(size_of(DType::u8) == 1);
  BOOST_TEST(to_string(DType::f32) == "f32");
  BOOST_TEST(to_string(DType::i32) == "i32");
  BOOST_TEST(to_string(DType::i64) == "i64");
  BOOST_TEST(to_string(DType::u8) == "u8");
}

BOOST_AUTO_TEST_CASE(an_absent_device_is_an_error) {
  const Device absent{DeviceType::cuda, 1000};
  BOOST_CHECK_THROW(Storage::allocate(16, absent), DeviceError);
  BOOST_CHECK_THROW(memory_stats(absent), DeviceError);
  BOOST_CHECK_THROW(device_memory::synchronize(absent.index), DeviceError);
  BOOST_CHECK_THROW(device_memory::capacity(absent.index), DeviceError);
}

BOOST_AUTO_TEST_SUITE_END()
