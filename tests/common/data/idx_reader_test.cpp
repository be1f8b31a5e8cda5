// SPDX-License-Identifier: MIT
#include "common/data/idx_reader.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <ostream>
#include <random>

#include "common/core/storage.hpp"
#include "tests/common/data/files.hpp"

BOOST_AUTO_TEST_SUITE(idx_reader)

namespace {

using namespace cnn;
using namespace cnn::test;

/// A file that must be refused, and words of the reason.
struct BadFile {
  std::string name;
  Bytes content;
  std::string reason;
};
std::ostream& operator<<(std::ostream& out, const BadFile& file) { return out << file.name; }

const std::string fixtures = CNN_SOURCE_DIR "/data/fixtures/";

Bytes without_last(Bytes bytes, std::size_t count) {
  bytes.resize(bytes.size() - count);
  return bytes;
}

Bytes with_flipped_bit(Bytes bytes, std::size_t position) {
  bytes[position] ^= 4;
  return bytes;
}

std::vector<BadFile> bad_image_files() {
  const Bytes images = small_images();
  const Bytes packed = gzip(images);
  return {
      {"empty", {}, "is empty"},
      {"one_byte", {0}, "ends after 1 of the 16 bytes of its header"},
      {"header_cut_off", without_last(images, 14), "ends after 14 of the 16 bytes of its header"},
      {"no_body", without_last(images, 12), "more than its 16 bytes can hold"},
      {"body_cut_off", without_last(images, 1), "declares [2, 2, 3] bytes, more than its 27"},
      {"trailing_byte", images + Bytes{0}, "has bytes after the 12 its header declares"},
      {"swapped", small_labels(), "holds labels where images are expected"},
      {"packed_labels", gzip(small_labels()), "holds labels where images are expected"},
      {"forged_count", idx_header({0x803, 0xFFFFFFFF, 28, 28}) + Bytes(40), "can hold"},
      {"forged_sizes", idx_header({0x803, 0xFFFFFFFF, 0xFFFFFFFF, 0xFFFFFFFF}) + Bytes(40), "can hold"},
      {"forged_count_packed", gzip(idx_header({0x803, 0xFFFFFFFF, 28, 28}) + Bytes(40)), "can hold"},
      {"forged_a_little", gzip(idx_header({0x803, 60, 10, 10}) + Bytes(40)), "6000 bytes, and 40 are there"},
      {"no_images", idx_header({0x803, 0, 28, 28}), "there is nothing in it"},
      {"no_pixels", idx_header({0x803, 2, 0, 28}), "there is nothing in it"},
      {"floats", idx_header({0xD03, 1, 1, 1}) + Bytes(4), "elements are not bytes"},
      {"png", bytes_of("\x89PNG\r\n\x1A\n and more than sixteen bytes"), "is a PNG image"},
      {"jpeg", bytes_of("\xFF\xD8\xFF\xE0 and more than sixteen bytes"), "is a JPEG image"},
      {"zip", bytes_of("PK\x03\x04 and more than sixteen bytes"), "is a zip archive"},
      {"xz",
       bytes_of("\xFD"
                "7zXZ and more than sixteen bytes"),
       "not with gzip"},
      {"web_page", bytes_of("<!DOCTYPE html><html>404 Not Found</html>"), "is a web page"},
      {"text", bytes_of("the quick brown fox jumps over"), "looks like text"},
      {"short_text", bytes_of("Not Found"), "looks like text"},
      {"noise", Bytes(64, 0xA5), "begins with 0xa5a5a5a5 (expected 0x00000803)"},
      {"packed_text", gzip(bytes_of("the quick brown fox jumps over")), "looks like text"},
      {"packed_nothing", gzip({}), "ends after 0 of the 16 bytes"},
      {"gzip_magic_only", {0x1F, 0x8B}, "is cut off"},
      {"gzip_cut_off", without_last(packed, 12), "is cut off"},
      {"gzip_without_checksum", without_last(packed, 8), "is cut off"},
      {"gzip_wrong_checksum", with_flipped_bit(packed, packed.size() - 6), "incorrect data check"},
      {"gzip_wrong_length", with_flipped_bit(packed, packed.size() - 1), "incorrect length check"},
      {"gzip_damaged", with_flipped_bit(packed, 10), "is damaged"},
      {"gzip_with_tail", packed + bytes_of("tail"), "after the end of the compressed data"},
      {"gzip_with_zeros_and_tail", packed + Bytes(5000) + bytes_of("tail"),
       "after the end of the compressed data"},
      {"packed_trailing_byte", gzip(images + Bytes{0}), "has bytes after the 12"},
      {"packed_body_cut_off", gzip(without_last(images, 1)), "12 bytes, and 11 are there"},
  };
}

std::vector<BadFile> bad_label_files() {
  return {
      {"empty", {}, "is empty"},
      {"swapped", small_images(), "holds images where labels are expected"},
      {"header_cut_off", idx_header({0x801}), "ends after 4 of the 8 bytes"},
      {"body_cut_off", without_last(small_labels(), 1), "more than its 10 bytes can hold"},
      {"trailing_byte", small_labels() + Bytes{7}, "has bytes after the 3"},
      {"forged_count", gzip(idx_header({0x801, 0xFFFFFFFF})), "can hold"},
      {"no_labels", idx_header({0x801, 0}), "there is nothing in it"},
      {"web_page", bytes_of("<html>404 Not Found</html>"), "is a web page"},
  };
}

}  // namespace

BOOST_AUTO_TEST_CASE(reads_images) {
  const DataFolder folder;
  for (const auto& path :
       {folder.write("plain", small_images()), folder.write("packed", gzip(small_images()))}) {
    const Tensor images = data::read_idx_images(path);
    BOOST_TEST(images.shape() == (Shape{2, 2, 3}), boost::test_tools::per_element());
    BOOST_TEST((images.dtype() == DType::u8));
    const Bytes expected{0, 1, 2, 3, 4, 5, 250, 251, 252, 253, 254, 255};
    BOOST_TEST(Bytes(images.pixels(), images.pixels() + 12) == expected, boost::test_tools::per_element());
  }
}

BOOST_AUTO_TEST_CASE(reads_labels) {
  const DataFolder folder;
  for (const auto& path :
       {folder.write("plain", small_labels()), folder.write("packed", gzip(small_labels()))}) {
    const Tensor labels = data::read_idx_labels(path);
    BOOST_TEST(labels.shape() == (Shape{3}), boost::test_tools::per_element());
    BOOST_TEST((labels.dtype() == DType::i64));
    BOOST_TEST(std::vector<std::int64_t>(labels.labels(), labels.labels() + 3) ==
                   (std::vector<std::int64_t>{9, 0, 200}),
               boost::test_tools::per_element());
  }
}

BOOST_AUTO_TEST_CASE(reads_files_compressed_in_pieces) {
  const Bytes images = small_images();
  const Bytes first(images.begin(), images.begin() + 17);
  const Bytes rest(images.begin() + 17, images.end());
  const DataFolder folder;
  const Tensor read = data::read_idx_images(folder.write("pieces", gzip(first) + gzip(rest)));
  BOOST_TEST(read.pixels()[0] == 0);
  BOOST_TEST(read.pixels()[11] == 255);
}

BOOST_AUTO_TEST_CASE(reads_a_file_larger_than_its_buffers) {
  const Bytes body(3U << 20, 77);
  const DataFolder folder;
  const Bytes file = idx_header({0x803, 3072, 32, 32}) + body;
  for (const auto& path : {folder.write("plain", file), folder.write("packed", gzip(file))}) {
    const Tensor images = data::read_idx_images(path);
    BOOST_TEST(images.size() == static_cast<Index>(body.size()));
    BOOST_TEST(std::equal(body.begin(), body.end(), images.pixels()));
  }
}

BOOST_DATA_TEST_CASE(refuses_images, boost::unit_test::data::make(bad_image_files()), file) {
  const DataFolder folder;
  const auto path = folder.write(file.name, file.content);
  BOOST_CHECK_EXCEPTION(data::read_idx_images(path), DataError, mentions({path.string(), file.reason}));
}

/// Padding as tapes and block devices leave it; gzip passes over it, too.
BOOST_AUTO_TEST_CASE(passes_over_zeros_after_compressed_data) {
  const DataFolder folder;
  const Bytes packed = gzip(small_images());
  for (const std::size_t zeros :
       std::vector<std::size_t>{1, 511, 262'144, 600'000}) {  // read in pieces of 262,144 bytes
    const Tensor read = data::read_idx_images(folder.write("padded", packed + Bytes(zeros)));
    BOOST_TEST(std::vector<int>(read.pixels(), read.pixels() + 12) ==
                   (std::vector<int>{0, 1, 2, 3, 4, 5, 250, 251, 252, 253, 254, 255}),
               boost::test_tools::per_element());
  }
  const Bytes whole = small_labels();
  const Bytes first(whole.begin(), whole.begin() + 9);
  const Bytes rest(whole.begin() + 9, whole.end());
  const Tensor labels =
      data::read_idx_labels(folder.write("members", gzip(first) + Bytes(300'000) + gzip(rest) + Bytes(3)));
  BOOST_TEST(std::vector<int>(labels.labels(), labels.labels() + 3) == (std::vector<int>{9, 0, 200}),
             boost::test_tools::per_element());
}

BOOST_DATA_TEST_CASE(refuses_labels, boost::unit_test::data::make(bad_label_files()), file) {
  const DataFolder folder;
  const auto path = folder.write(file.name, file.content);
  BOOST_CHECK_EXCEPTION(data::read_idx_labels(path), DataError, mentions({path.string(), file.reason}));
}

BOOST_AUTO_TEST_CASE(refuses_what_is_no_file) {
  const DataFolder folder;
  BOOST_CHECK_EXCEPTION(data::read_idx_images(folder.path() / "absent"), DataError,
                        mentions({"absent does not exist"}));
  BOOST_CHECK_EXCEPTION(data::read_idx_images(folder.path()), DataError, mentions({"is a directory"}));
  BOOST_CHECK_EXCEPTION(data::read_idx_images("/dev/null"), DataError,
                        mentions({"/dev/null is not a regular file"}));
  const auto file = folder.write("file", {1});
  BOOST_CHECK_EXCEPTION(data::read_idx_labels(file / "below"), DataError, mentions({"below"}));
}

BOOST_AUTO_TEST_CASE(refuses_a_file_it_may_not_read) {
  const DataFolder folder;
  const auto path = folder.write("secret", small_images());
  std::filesystem::permissions(folder.path(), std::filesystem::perms::all);
  std::filesystem::permissions(path, std::filesystem::perms::none);
  const uid_t user = geteuid();  // root may read everything: be nobody for a moment
  BOOST_REQUIRE((user != 0 || seteuid(65534) == 0));
  BOOST_CHECK_EXCEPTION(data::read_idx_images(path), DataError,
                        mentions({"cannot be opened: Permission denied"}));
  BOOST_REQUIRE(seteuid(user) == 0);
}

BOOST_AUTO_TEST_CASE(takes_no_memory_for_a_forged_header) {
  const DataFolder folder;
  // 78 MB are declared; 100 kB of noise follow, which cannot be packed, so that the file could hold as much: it does not.
  Bytes noise(100000);
  std::mt19937 generator(0);
  for (std::uint8_t& byte : noise) byte = static_cast<std::uint8_t>(generator());
  const auto path = folder.write("forged", gzip(idx_header({0x803, 100000, 28, 28}) + noise));
  reset_peak_memory();
  const Index before = memory_stats().peak;
  BOOST_CHECK_EXCEPTION(data::read_idx_images(path), DataError, mentions({"and 100000 are there"}));
  BOOST_TEST(memory_stats().peak - before < Index{1} << 20);
}

/// Whatever single byte of a real file is wrong, cut off or doubled: one clear error or a right reading, never a crash.
BOOST_AUTO_TEST_CASE(survives_any_damaged_byte) {
  const Bytes packed = read_bytes(fixtures + "t10k-labels-idx1-ubyte.gz");
  const Tensor expected = data::read_idx_labels(fixtures + "t10k-labels-idx1-ubyte.gz");
  const DataFolder folder;
  int refused = 0;
  for (std::size_t i = 0; i < packed.size(); ++i) {
    Bytes damaged = packed;
    damaged[i] = static_cast<std::uint8_t>(~damaged[i]);
    Bytes cut(packed.begin(), packed.begin() + static_cast<std::ptrdiff_t>(i));
    for (const auto& path : {folder.write("damaged", damaged), folder.write("cut", cut)}) {
      try {
        const Tensor labels = data::read_idx_labels(path);
        BOOST_TEST(std::equal(labels.labels(), labels.labels() + labels.size(), expected.labels()));
      } catch (const DataError& error) {
        ++refused;
        BOOST_TEST(std::string(error.what()).find(path.string()) != std::string::npos);
      }
    }
  }
  // Bytes 4 to 9 of a gzip header (time, hints) may be anything; all the rest is noticed.
  BOOST_TEST(refused >= static_cast<int>(2 * packed.size()) - 6);
}

BOOST_AUTO_TEST_SUITE_END()
