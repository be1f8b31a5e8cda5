// SPDX-License-Identifier: MIT
#include "common/data/byte_source.hpp"

#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "common/core/check.hpp"

namespace cnn::data {
namespace {

constexpr std::size_t chunk = std::size_t{256} << 10;
constexpr int gzip_only = 15 + 16;              // zlib: window of 2^15 bytes, gzip header and checksum
constexpr std::uintmax_t largest_ratio = 1032;  // deflate cannot compress better

}  // namespace

ByteSource::ByteSource(std::filesystem::path path) : path_(std::move(path)) {
  std::error_code error;
  const auto status = std::filesystem::status(path_, error);
  if (status.type() == std::filesystem::file_type::not_found) fail("does not exist");
  if (status.type() == std::filesystem::file_type::none) fail("cannot be reached: " + error.message());
  if (std::filesystem::is_directory(status)) fail("is a directory; name the file in it");
  if (!std::filesystem::is_regular_file(status)) fail("is not a regular file");
  file_.reset(std::fopen(path_.c_str(), "rb"));
  if (!file_) fail(std::string("cannot be opened: ") + std::strerror(errno));
  file_size_ = std::filesystem::file_size(path_, error);
  if (error) fail("cannot be read: " + error.message());
  if (file_size_ == 0) fail("is empty; get it anew");

  std::uint8_t magic[2] = {};
  const std::size_t got = read_file(magic, 2);
  std::rewind(file_.get());
  if (got < 2 || magic[0] != 0x1F || magic[1] != 0x8B) return;
  compressed_.resize(chunk);
  inflater_ = std::make_unique<z_stream_s>();
  if (inflateInit2(inflater_.get(), gzip_only) != Z_OK) {
    inflater_.reset();
    fail("cannot be decompressed: no memory left");
  }
}

ByteSource::~ByteSource() {
  if (inflater_) inflateEnd(inflater_.get());
}

std::uintmax_t ByteSource::most_bytes() const noexcept {
  return is_compressed() ? file_size_ * largest_ratio : file_size_;
}

std::size_t ByteSource::read(std::span<std::uint8_t> bytes) {
  if (!is_compressed()) return read_file(bytes.data(), bytes.size());
  std::size_t done = 0;
  while (done < bytes.size() && !ended_) {
    const std::size_t count = std::min(bytes.size() - done, std::size_t{1} << 30);  // zlib counts in 32 bits
    done += inflate_some(bytes.data() + done, count);
  }
  return done;
}

std::size_t ByteSource::read_file(std::uint8_t* bytes, std::size_t count) {
  const std::size_t got = std::fread(bytes, 1, count, file_.get());
  if (got < count && std::ferror(file_.get()) != 0)
    fail(std::string("cannot be read: ") + std::strerror(errno));
  return got;
}

std::size_t ByteSource::inflate_some(std::uint8_t* bytes, std::size_t count) {
  if (inflater_->avail_in == 0 && !refill()) fail("is cut off: the compressed data has no end; get it anew");
  inflater_->next_out = bytes;
  inflater_->avail_out = static_cast<uInt>(count);
  const int code = inflate(inflater_.get(), Z_NO_FLUSH);
  const std::size_t got = count - inflater_->avail_out;
  if (code == Z_STREAM_END) {
    finish_member();
  } else if (code == Z_MEM_ERROR) {
    fail("cannot be decompressed: no memory left");
  } else if (code != Z_OK && code != Z_BUF_ERROR) {
    const char* reason = inflater_->msg != nullptr ? inflater_->msg : "not deflate data";
    fail(std::string("is damaged: gzip reports \"") + reason + "\"; get it anew");
  }
  return got;
}

/// Takes the next piece of the compressed file.
/// \return false at its end
bool ByteSource::refill() {
  inflater_->next_in = compressed_.data();
  inflater_->avail_in = static_cast<uInt>(read_file(compressed_.data(), compressed_.size()));
  return inflater_->avail_in != 0;
}

/// At the end of the compressed data: the file must end too, or another gzip header follow (gzip allows a sequence). Zeros in
/// between are padding, as tapes and block devices leave it; gzip passes over them, too.
void ByteSource::finish_member() {
  do {
    if (inflater_->avail_in == 0 && !refill()) {
      ended_ = true;
      return;
    }
    while (inflater_->avail_in > 0 && *inflater_->next_in == 0) {
      ++inflater_->next_in;
      --inflater_->avail_in;
    }
  } while (inflater_->avail_in == 0);
  if (*inflater_->next_in != 0x1F) fail("has bytes after the end of the compressed data; get it anew");
  inflateReset(inflater_.get());
}

void ByteSource::fail(const std::string& reason) const {
  throw DataError("[data] " + path_.string() + " " + reason);
}

}  // namespace cnn::data
