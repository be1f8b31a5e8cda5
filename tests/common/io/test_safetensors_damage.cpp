// SPDX-License-Identifier: MIT
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <cstring>
#include <ostream>

#include "common/core/check.hpp"
#include "common/core/storage.hpp"
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

/// A damaged file and what the message must contain besides its path.
struct Damage {
  std::string name;
  std::string bytes;
  std::string why;
};

std::ostream& operator<<(std::ostream& out, const Damage& damage) { return out << damage.name; }

std::string with_length(std::uint64_t length, const std::string& rest) {
  std::string bytes(8, '\0');
  std::memcpy(bytes.data(), &length, 8);
  return bytes + rest;
}

std::string file(const std::string& header, std::size_t body) {
  return with_length(header.size(), header + std::string(body, '\1'));
}

/// One tensor "x" with the given fields.
std::string one(const std::string& fields, std::size_t body) {
  return file(R"({"x":{)" + fields + "}}", body);
}

std::vector<Damage> header_damages() {
  const std::string big = "99999999999999999999999999";
  return {
      {"empty", "", "it is empty"},
      {"seven_bytes", "\1\2\3\4\5\6\7", "only 7 bytes"},
      {"no_header", with_length(0, ""), "does not start with '{'"},
      {"longer_than_file", with_length(64, "{}"), "should have 64 bytes, the file has 10"},
      {"forged_length", with_length(~std::uint64_t{0}, "{}"), "should have 18446744073709551615 bytes"},
      {"over_the_limit", with_length(100'000'001, "{}"), "should have 100000001 bytes"},
      {"text", "This is a text file, nothing else.", "not a safetensors file"},
      {"a_list", file("[]", 0), "does not start with '{'"},
      {"no_json", file("{\"x\":", 0), "not JSON"},
      {"zeros_after_header", file(std::string("{}\0\0", 4), 0), "not JSON"},
      {"not_unicode", file("{\"\xff\":1}", 0), "not JSON"},
      {"entry_is_a_number", file(R"({"x":1})", 0), "tensor \"x\" has a number"},
      {"entry_is_null", file(R"({"x":null})", 0), "null"},
      {"entry_is_text", file(R"({"x":"F32"})", 0), "text"},
      {"entry_is_a_list", file(R"({"x":[]})", 0), "a list"},
      {"nested_object", one(R"("dtype":{})", 0), "an object"},
      {"deep_lists", one(R"("shape":)" + std::string(100'000, '['), 0), "a list"},
      {"deep_objects", file("{\"x\":{\"shape\":" + std::string(100'000, '{'), 0), "an object"},
      {"shape_is_a_number", one(R"("dtype":"F32","shape":1,"data_offsets":[0,4])", 4), "a number"},
      {"dtype_is_a_list", one(R"("dtype":["F32"],"shape":[1],"data_offsets":[0,4])", 4), "a list"},
      {"dtype_is_a_number", one(R"("dtype":32,"shape":[1],"data_offsets":[0,4])", 4), "a number"},
      {"negative_size", one(R"("dtype":"F32","shape":[-1],"data_offsets":[0,4])", 4), "negative"},
      {"fraction", one(R"("dtype":"F32","shape":[1.0],"data_offsets":[0,4])", 4), "not a whole one"},
      {"beyond_64_bits", one(R"("dtype":"F32","shape":[)" + big + R"(],"data_offsets":[0,4])", 4),
       "not a whole one"},
      {"truth_value", one(R"("dtype":"F32","shape":[true],"data_offsets":[0,4])", 4), "true or false"},
      {"text_in_shape", one(R"("dtype":"F32","shape":["1"],"data_offsets":[0,4])", 4), "text"},
      {"many_axes",
       one(R"("dtype":"F32","shape":[1)" +
               [] {
                 std::string s;
                 for (int i = 0; i < 40; ++i) s += ",1";
                 return s;
               }() +
               R"(],"data_offsets":[0,4])",
           4),
       "more than 32 axes"},
      {"no_dtype", one(R"("shape":[1],"data_offsets":[0,4])", 4), "lacks"},
      {"no_shape", one(R"("dtype":"F32","data_offsets":[0,4])", 4), "lacks"},
      {"no_offsets", one(R"("dtype":"F32","shape":[1])", 4), "lacks"},
      {"one_offset", one(R"("dtype":"F32","shape":[1],"data_offsets":[0])", 4), "two data_offsets"},
      {"three_offsets", one(R"("dtype":"F32","shape":[1],"data_offsets":[0,4,4])", 4), "two data_offsets"},
      {"field_twice", one(R"("dtype":"F32","dtype":"F32","shape":[1],"data_offsets":[0,4])", 4), "twice"},
      {"unknown_field_alone", one(R"("dtype":"F32","color":"red","data_offsets":[0,4])", 4), "lacks"},
      {"unknown_field_too_deep", one(R"("color":)" + std::string(100'000, '['), 0),
       "nested too deeply, \"color\""},
      {"unknown_field_without_end", one(R"("dtype":"F32","color":[)", 4), "not JSON"},
      {"metadata_null_value", file(R"({"__metadata__":{"a":null}})", 0), "its metadata has null"},
      {"tensor_twice",
       file(
           R"({"x":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"x":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}})",
           2),
       "lists \"x\" twice"},
      {"metadata_number", file(R"({"__metadata__":{"a":1}})", 0), "its metadata has a number"},
      {"metadata_text", file(R"({"__metadata__":"a"})", 0), "its metadata"},
      {"metadata_nested", file(R"({"__metadata__":{"a":{}}})", 0), "its metadata"},
      {"metadata_key_twice", file(R"({"__metadata__":{"a":"1","a":"2"}})", 0), "twice"},
  };
}

std::vector<Damage> layout_damages() {
  return {
      {"unknown_dtype", one(R"("dtype":"F8_E4M3","shape":[1],"data_offsets":[0,1])", 1),
       "type \"F8_E4M3\"; convert it to F32"},
      {"unsigned32", one(R"("dtype":"U32","shape":[1],"data_offsets":[0,4])", 4), "type \"U32\""},
      {"body_too_short", one(R"("dtype":"F32","shape":[2],"data_offsets":[0,8])", 7), "ends at byte 8 of 7"},
      {"body_too_long", one(R"("dtype":"F32","shape":[1],"data_offsets":[0,4])", 5),
       "after the last tensor follow more bytes, 1;"},
      {"shape_mismatch", one(R"("dtype":"F32","shape":[2],"data_offsets":[0,4])", 4), "should have 8 bytes"},
      {"offsets_reversed", one(R"("dtype":"F32","shape":[1],"data_offsets":[4,0])", 4),
       "offsets are 4 and 0"},
      {"out_of_range", one(R"("dtype":"F32","shape":[1],"data_offsets":[4,8])", 4), "ends at byte 8 of 4"},
      {"gap_at_start", one(R"("dtype":"F32","shape":[1],"data_offsets":[4,8])", 8),
       "starts at byte 4 instead of 0"},
      {"forged_shape", one(R"("dtype":"F32","shape":[1000000,1000000],"data_offsets":[0,4000000000000])", 4),
       "ends at byte 4000000000000 of 4"},
      {"forged_shape_only", one(R"("dtype":"F32","shape":[1000000,1000000],"data_offsets":[0,4])", 4),
       "should have 4000000000000 bytes"},
      {"product_overflows", one(R"("dtype":"F32","shape":[4294967296,4294967296,2],"data_offsets":[0,4])", 4),
       "impossible shape"},
      {"product_wraps_to_size", one(R"("dtype":"F32","shape":[4611686018427387905],"data_offsets":[0,4])", 4),
       "impossible shape"},
      {"overflow_beside_zero",
       one(R"("dtype":"F32","shape":[0,9223372036854775807,9223372036854775807],"data_offsets":[0,0])", 0),
       "impossible shape"},
      {"largest_size",
       one(R"("dtype":"U8","shape":[18446744073709551615],"data_offsets":[0,18446744073709551615])", 0),
       "impossible shape"},
      {"overlap",
       file(
           R"({"x":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"y":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}})",
           12),
       "\"y\" starts at byte 4 instead of 8"},
      {"shared",
       file(
           R"({"x":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"y":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}})",
           2),
       "instead of 2"},
      {"gap",
       file(
           R"({"x":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"y":{"dtype":"U8","shape":[1],"data_offsets":[2,3]}})",
           3),
       "\"y\" starts at byte 2 instead of 1"},
      {"control_characters_in_name",
       file("{\"a\\u001b[31m\":{\"dtype\":\"X\",\"shape\":[],\"data_offsets\":[0,0]}}", 0), "\"a?[31m\""},
  };
}

std::string small_file() {
  const Scratch scratch;
  save_safetensors(
      scratch / "w",
      {{"a", Tensor::from_values({2}, std::vector<float>{1, 2})}, {"n", Tensor::zeros({}, {}, DType::i64)}},
      {{"k", "v"}});
  return get(scratch / "w");
}

}  // namespace

BOOST_AUTO_TEST_SUITE(safetensors_damage)

BOOST_DATA_TEST_CASE(damaged_header_is_named, data::make(header_damages()), damage) {
  const Scratch scratch;
  put(scratch / "w.safetensors", damage.bytes);
  BOOST_CHECK_EXCEPTION(load_safetensors(scratch / "w.safetensors"), DataError,
                        says({(scratch / "w.safetensors").string(), damage.why}));
}

BOOST_DATA_TEST_CASE(damaged_layout_is_named, data::make(layout_damages()), damage) {
  const Scratch scratch;
  put(scratch / "w.safetensors", damage.bytes);
  reset_peak_memory();
  const Index before = memory_stats().peak;
  BOOST_CHECK_EXCEPTION(load_safetensors(scratch / "w.safetensors"), DataError,
                        says({(scratch / "w.safetensors").string(), damage.why}));
  BOOST_TEST(memory_stats().peak == before);  // nothing is allocated before the header is believed
}

BOOST_AUTO_TEST_CASE(missing_and_folder_are_named) {
  const Scratch scratch;
  BOOST_CHECK_EXCEPTION(load_safetensors(scratch / "none"), DataError, says({"/none", "no such file"}));
  BOOST_CHECK_EXCEPTION(load_safetensors(scratch.folder()), DataError, says({"it is a folder"}));
}

BOOST_AUTO_TEST_CASE(file_over_the_limit_is_refused_unread) {
  const Scratch scratch;
  put(scratch / "w", small_file());
  BOOST_CHECK_EXCEPTION(load_safetensors(scratch / "w", 20), DataError, says({"at most 20 are expected"}));
  std::filesystem::resize_file(scratch / "w", std::uintmax_t{1} << 40);  // sparse
  BOOST_CHECK_EXCEPTION(load_safetensors(scratch / "w"), DataError, says({"1099511627776 bytes"}));
}

namespace {

/// Stand-ins for what the line imports: a state dict is text in a file, a tensor is a `T`.
void put_modules(const Scratch& scratch) {
  std::filesystem::create_directory(scratch / "safetensors");
  put(scratch / "safetensors/__init__.py", "");
  put(scratch / "safetensors/torch.py",
      "def save_file(tensors, path):\n"
      "  with open(path, 'w') as f: f.write(' '.join(f'{k}={v.value}' for k, v in tensors.items()))\n");
  put(scratch / "torch.py",
      "class T:\n"
      "  def __init__(self, value): self.value = value\n"
      "  def contiguous(self): return T(self.value + 'c')\n"
      "  def clone(self): return T(self.value + 'd')\n"
      "def is_tensor(x): return isinstance(x, T)\n"
      "def load(path, map_location):\n"
      "  assert map_location == 'cpu'\n"
      "  with open(path, 'rb') as f: return eval(f.read()[12:].decode())\n");
}

/// Runs the line that the message about a file ends with, in a shell. Returns what it wrote beside the file.
std::string converted(const Scratch& scratch, const std::string& name, const std::string& content) {
  const std::filesystem::path path = scratch / name;
  put(path, std::string("PK\x03\x04\x00\x00\x08\x08\x00\x00\x00\x00", 12) + content);
  std::string message;
  try {
    load_safetensors(path);
  } catch (const DataError& e) {
    message = e.what();
  }
  const std::size_t line = message.find("\n  python");
  BOOST_REQUIRE(line != std::string::npos);
  put(scratch / "line.sh", message.substr(line));
  const std::string command =
      "PYTHONPATH='" + scratch.folder().string() + "' sh '" + (scratch / "line.sh").string() + "'";
  BOOST_TEST(std::system(command.c_str()) == 0, message);
  return get(path.string() + ".safetensors");
}

boost::test_tools::assertion_result has_python(boost::unit_test::test_unit_id) {
  boost::test_tools::assertion_result result = std::system("command -v python3 > /dev/null 2>&1") == 0;
  result.message() << "needs python3";
  return result;
}

}  // namespace

BOOST_AUTO_TEST_CASE(pytorch_archives_are_told_apart) {
  const Scratch scratch;
  put(scratch / "new.pt", std::string("PK\x03\x04\x00\x00\x08\x08\x00\x00\x00\x00", 12));
  BOOST_CHECK_EXCEPTION(load_safetensors(scratch / "new.pt"), DataError,
                        says({"zip archive", (scratch / "new.pt").string() + ".safetensors"}));
  put(scratch / "old.pth", std::string("\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19\x2e", 15));
  BOOST_CHECK_EXCEPTION(load_safetensors(scratch / "old.pth"), DataError,
                        says({"pickle", (scratch / "old.pth").string() + ".safetensors"}));
}

BOOST_AUTO_TEST_CASE(the_line_that_converts_an_archive_works_in_a_shell,
                     *boost::unit_test::precondition(has_python)) {
  const Scratch scratch;
  put_modules(scratch);
  const std::string plain = "{'fc.weight': T('1'), 'fc.bias': T('2')}";
  const std::string expected = "fc.weight=1cd fc.bias=2cd";
  for (const std::string name :
       {"a.pt", "it's mine.pt", "a \"b\" $HOME `date`.pt", "new\nline\\.pt", "-x.pt"})
    BOOST_TEST(converted(scratch, name, plain) == expected, name);
  for (const std::string key : {"state_dict", "model_state_dict", "model"}) {
    BOOST_TEST(converted(scratch, "c.pt",
                         "{'epoch': 3, '" + key + "': " + plain + ", 'optimizer': {'lr': 1}}") == expected,
               key);
  }
  BOOST_TEST(converted(scratch, "m.pt", "{'model': T('3'), 'epoch': 4}") ==
             "model=3cd");  // a tensor of that name
}

BOOST_AUTO_TEST_CASE(header_whose_length_looks_like_an_archive_is_read) {
  for (const std::size_t length :
       {std::size_t{0x0280}, std::size_t{0x4b50}}) {  // the first bytes are 80 02, and "PK"
    const Scratch scratch;
    std::string header = "{}";
    header.resize(length, ' ');
    put(scratch / "w", file(header, 0));
    BOOST_TEST(load_safetensors(scratch / "w").tensors.empty());
  }
}

BOOST_AUTO_TEST_CASE(every_truncation_is_an_error) {
  const Scratch scratch;
  const std::string whole = small_file();
  for (std::size_t length = 0; length < whole.size(); ++length) {
    put(scratch / "w", whole.substr(0, length));
    BOOST_CHECK_THROW(load_safetensors(scratch / "w"), DataError);
  }
}

BOOST_AUTO_TEST_CASE(every_flipped_bit_gives_tensors_or_an_error) {
  const Scratch scratch;
  const std::string whole = small_file();
  int errors = 0;
  for (std::size_t bit = 0; bit < 8 * whole.size(); ++bit) {
    std::string damaged = whole;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << bit % 8));
    put(scratch / "w", damaged);
    try {
      BOOST_TEST(load_safetensors(scratch / "w").tensors.size() <= 2u);
    } catch (const DataError&) {
      ++errors;
    }
  }
  BOOST_TEST(errors > 500);  // most bits of a header matter
}

BOOST_AUTO_TEST_CASE(every_flipped_bit_of_the_length_is_an_error) {
  const Scratch scratch;
  const std::string whole = small_file();
  for (std::size_t bit = 0; bit < 64; ++bit) {
    std::string damaged = whole;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << bit % 8));
    put(scratch / "w", damaged);
    BOOST_CHECK_THROW(load_safetensors(scratch / "w"), DataError);
  }
}

BOOST_AUTO_TEST_SUITE_END()
