// SPDX-License-Identifier: MIT
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <cstring>
#include <limits>

#include "common/core/check.hpp"
#include "common/io/safetensors.hpp"
#include "tests/common/io/scratch.hpp"

using namespace cnn;
using namespace cnn::io;
using cnn::test::get;
using cnn::test::put;
using cnn::test::says;
using cnn::test::Scratch;
namespace data = boost::unit_test::data;

namespace {

template <typename T>
std::string bytes_of(const std::vector<T>& values) {
  std::string text(values.size() * sizeof(T), '\0');
  std::memcpy(text.data(), values.data(), text.size());
  return text;
}

/// A file as another program would write it.
std::string assemble(const std::string& header, const std::string& body) {
  return bytes_of(std::vector<std::uint64_t>{header.size()}) + header + body;
}

Tensor pixels(const Shape& shape, const std::vector<std::uint8_t>& values) {
  Tensor t = Tensor::empty(shape, {}, DType::u8);
  std::copy(values.begin(), values.end(), t.pixels());
  return t;
}

bool same(const Tensor& a, const Tensor& b) {
  return a.shape() == b.shape() && a.dtype() == b.dtype() &&
         std::memcmp(a.bytes(), b.bytes(), static_cast<std::size_t>(a.size() * size_of(a.dtype()))) == 0;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(safetensors)

BOOST_AUTO_TEST_CASE(small_file_has_exactly_these_bytes) {
  const Scratch scratch;
  save_safetensors(scratch / "w", {{"b", Tensor::from_values({2}, std::vector<float>{1, -2})}});
  std::string header = R"({"b":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})";
  header.resize(56, ' ');
  BOOST_TEST(get(scratch / "w") ==
             std::string("\x38\0\0\0\0\0\0\0", 8) + header + std::string("\0\0\x80\x3f\0\0\0\xc0", 8));
}

BOOST_AUTO_TEST_CASE(widest_elements_come_first_but_the_listing_keeps_its_order) {
  const Scratch scratch;
  save_safetensors(scratch / "w", {{"mask", pixels({3}, {7, 8, 9})},
                                   {"weight", Tensor::from_values({1}, std::vector<float>{1})},
                                   {"count", Tensor::from_labels({}, std::vector<std::int64_t>{5})}});
  const std::string file = get(scratch / "w");
  BOOST_TEST(file.find(R"({"mask":{"dtype":"U8","shape":[3],"data_offsets":[12,15]},)"
                       R"("weight":{"dtype":"F32","shape":[1],"data_offsets":[8,12]},)"
                       R"("count":{"dtype":"I64","shape":[],"data_offsets":[0,8]}})") == 8u);
  BOOST_TEST(file.substr(file.size() - 15) == std::string("\5\0\0\0\0\0\0\0\0\0\x80\x3f\7\10\11", 15));
}

BOOST_AUTO_TEST_CASE(everything_comes_back) {
  const Scratch scratch;
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const NamedTensors tensors{
      {"z.weight", Tensor::from_values({2, 1, 3}, std::vector<float>{1, 2, 3, -0.0f, nan, 6e-40f})},
      {"a.running", Tensor::from_labels({2}, std::vector<std::int64_t>{-1, std::int64_t{1} << 62})},
      {"scalar", Tensor::from_values({}, std::vector<float>{0.1f})},
      {"mask", pixels({2, 2}, {0, 1, 254, 255})},
      {"nothing", Tensor::zeros({0, 4})},
      {"strange \"name\"\n\xc3\xa9", Tensor::zeros({1})}};
  const std::map<std::string, std::string> metadata{{"format", "pt"}, {"note", "two\nlines"}};
  save_safetensors(scratch / "w", tensors, metadata);
  const Safetensors back = load_safetensors(scratch / "w");
  BOOST_TEST((back.metadata == metadata));
  BOOST_REQUIRE(back.tensors.size() == tensors.size());
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    BOOST_TEST(back.tensors[i].first == tensors[i].first);
    BOOST_TEST(same(back.tensors[i].second, tensors[i].second));
  }
  BOOST_TEST(scratch.listing() == "w");
}

BOOST_AUTO_TEST_CASE(file_without_tensors_comes_back) {
  const Scratch scratch;
  save_safetensors(scratch / "w", {}, {{"k", "v"}});
  const Safetensors back = load_safetensors(scratch / "w");
  BOOST_TEST(back.tensors.empty());
  BOOST_TEST(back.metadata.at("k") == "v");
  save_safetensors(scratch / "w", {});
  BOOST_TEST(load_safetensors(scratch / "w").tensors.empty());
}

BOOST_AUTO_TEST_CASE(channel_slice_is_saved_without_the_gaps) {
  const Scratch scratch;
  const Tensor whole = Tensor::from_values({2, 3, 1, 1}, std::vector<float>{1, 2, 3, 4, 5, 6});
  save_safetensors(scratch / "w", {{"slice", whole.channels(1, 2)}});
  const Tensor back = load_safetensors(scratch / "w").tensors.at(0).second;
  BOOST_TEST((back.shape() == Shape{2, 2, 1, 1}));
  BOOST_TEST(back.values() == (std::vector<float>{2, 3, 5, 6}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(header_length_is_a_multiple_of_eight) {
  const Scratch scratch;
  for (std::size_t length = 1; length < 18; ++length) {
    save_safetensors(scratch / "w", {{std::string(length, 'n'), Tensor::zeros({1})}});
    BOOST_TEST((get(scratch / "w").size() - 4) % 8 == 0u);
  }
}

BOOST_AUTO_TEST_CASE(impossible_lists_are_refused_before_the_file_is_touched) {
  const Scratch scratch;
  const Tensor one = Tensor::zeros({1});
  put(scratch / "w", "old");
  const auto save = [&](const NamedTensors& tensors) { save_safetensors(scratch / "w", tensors); };
  BOOST_CHECK_EXCEPTION(save({{"a", one}, {"a", one}}), StateError, says({"two tensors are named \"a\""}));
  BOOST_CHECK_EXCEPTION(save({{"__metadata__", one}}), StateError, says({"reserved"}));
  BOOST_CHECK_EXCEPTION(save({{"a", Tensor()}}), StateError, says({"\"a\" is undefined"}));
  BOOST_TEST(get(scratch / "w") == "old");
}

BOOST_AUTO_TEST_CASE(half_precision_becomes_float) {
  const Scratch scratch;
  // 1, -2, largest, smallest normal, smallest, -0, infinity, 1/3
  const std::vector<std::uint16_t> half{0x3c00, 0xc000, 0x7bff, 0x0400, 0x0001, 0x8000, 0x7c00, 0x3555};
  put(scratch / "w", assemble(R"({"x":{"dtype":"F16","shape":[8],"data_offsets":[0,16]}})", bytes_of(half)));
  const Tensor x = load_safetensors(scratch / "w").tensors.at(0).second;
  const std::vector<float> expected{
      1, -2, 65504, 0x1p-14f, 0x1p-24f, -0.0f, std::numeric_limits<float>::infinity(), 0x1.554p-2f};
  BOOST_TEST(x.values() == expected, boost::test_tools::per_element());
  BOOST_TEST(std::signbit(x.values()[5]));
}

BOOST_AUTO_TEST_CASE(half_not_a_number_stays_one) {
  const Scratch scratch;
  put(scratch / "w", assemble(R"({"x":{"dtype":"F16","shape":[1],"data_offsets":[0,2]}})",
                              bytes_of<std::uint16_t>({0x7e01})));
  BOOST_TEST(std::isnan(load_safetensors(scratch / "w").tensors.at(0).second.item()));
}

BOOST_AUTO_TEST_CASE(brain_floats_and_doubles_become_float) {
  const Scratch scratch;
  put(scratch / "b", assemble(R"({"x":{"dtype":"BF16","shape":[2],"data_offsets":[0,4]}})",
                              bytes_of<std::uint16_t>({0x3f80, 0xc049})));
  BOOST_TEST(
      load_safetensors(scratch / "b").tensors.at(0).second.values() == (std::vector<float>{1, -3.140625f}),
      boost::test_tools::per_element());
  std::vector<double> many(200'001);  // more than one piece
  for (std::size_t i = 0; i < many.size(); ++i) many[i] = static_cast<double>(i) / 3;
  put(scratch / "d",
      assemble(R"({"x":{"dtype":"F64","shape":[200001],"data_offsets":[0,1600008]}})", bytes_of(many)));
  const Tensor x = load_safetensors(scratch / "d").tensors.at(0).second;
  for (const std::size_t i :
       {std::size_t{0}, std::size_t{131'071}, std::size_t{131'072}, std::size_t{200'000}}) {
    BOOST_TEST(x.values()[i] == static_cast<float>(many[i]));
  }
}

BOOST_AUTO_TEST_CASE(narrow_whole_numbers_become_wide) {
  const Scratch scratch;
  put(scratch / "w", assemble(R"({"a":{"dtype":"I32","shape":[],"data_offsets":[0,4]},)"
                              R"("b":{"dtype":"I16","shape":[2],"data_offsets":[4,8]},)"
                              R"("c":{"dtype":"I8","shape":[3],"data_offsets":[8,11]}})",
                              bytes_of<std::int32_t>({-70'000}) + bytes_of<std::int16_t>({-2, 300}) +
                                  bytes_of<std::int8_t>({-128, 0, 127})));
  const NamedTensors tensors = load_safetensors(scratch / "w").tensors;
  BOOST_TEST((tensors.at(0).second.dtype() == DType::i32));  // the type of indices here
  BOOST_TEST(*tensors.at(0).second.indices() == -70'000);
  BOOST_TEST(same(tensors.at(1).second, Tensor::from_labels({2}, std::vector<std::int64_t>{-2, 300})));
  BOOST_TEST(same(tensors.at(2).second, Tensor::from_labels({3}, std::vector<std::int64_t>{-128, 0, 127})));
}

BOOST_AUTO_TEST_CASE(truth_values_become_bytes) {
  const Scratch scratch;
  put(scratch / "w",
      assemble(R"({"x":{"dtype":"BOOL","shape":[2],"data_offsets":[0,2]}})", std::string("\0\1", 2)));
  BOOST_TEST(same(load_safetensors(scratch / "w").tensors.at(0).second, pixels({2}, {0, 1})));
}

BOOST_AUTO_TEST_CASE(tensors_may_be_listed_in_another_order_than_they_lie) {
  const Scratch scratch;
  put(scratch / "w", assemble(R"({"a":{"shape":[1],"data_offsets":[4,8],"dtype":"F32"},)"
                              R"("e":{"dtype":"F32","shape":[0],"data_offsets":[4,4]},)"
                              R"("b":{"data_offsets":[0,4],"dtype":"F32","shape":[1,1]}}  )",
                              bytes_of<float>({2, 1})));
  const Safetensors file = load_safetensors(scratch / "w");
  BOOST_TEST(file.tensors.at(0).second.item() == 1);
  BOOST_TEST(file.tensors.at(1).second.size() == 0);
  BOOST_TEST(file.tensors.at(2).second.item() == 2);
}

namespace {

/// A header that the format's own reader (safetensors 0.8) takes, with one tensor x of the value 1.
const std::vector<std::string> foreign_headers{
    R"({"__metadata__":null,"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})",
    R"({"__metadata__":{},"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})",
    R"({"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"color":"red"}})",
    R"({"x":{"color":7,"dtype":"F32","color":-7,"shape":[1],"color":0.5,"data_offsets":[0,4]}})",
    R"({"x":{"color":{"shape":[9],"dtype":{"a":[[],{}]}},"dtype":"F32","shape":[1],"data_offsets":[0,4]}})",
    R"({"x":{"color":[1,"a",[true,null,[{"data_offsets":[3,4]}]]],"dtype":"F32","shape":[1],"data_offsets":[0,4]}})",
    R"({"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"color":null},"__metadata__":null})",
    "\n\t {\"x\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}\n"};

}  // namespace

BOOST_DATA_TEST_CASE(headers_of_other_writers_are_read, data::make(foreign_headers), header) {
  const Scratch scratch;
  put(scratch / "w", assemble(header, bytes_of<float>({1})));
  const Safetensors file = load_safetensors(scratch / "w");
  BOOST_TEST(file.metadata.empty());
  BOOST_REQUIRE(file.tensors.size() == 1u);
  BOOST_TEST(file.tensors[0].first == "x");
  BOOST_TEST((file.tensors[0].second.shape() == Shape{1}));
  BOOST_TEST(file.tensors[0].second.values()[0] == 1);
}

BOOST_AUTO_TEST_SUITE_END()
