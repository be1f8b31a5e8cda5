// SPDX-License-Identifier: MIT
#pragma once

#include <unistd.h>
#include <zlib.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "tests/support/temporary_folder.hpp"

/// Files for the tests of the readers: made on the fly, damaged in every way, removed afterwards.
namespace cnn::test {

using Bytes = std::vector<std::uint8_t>;

/// An empty folder that disappears with this object.
class DataFolder : public TemporaryFolder {
 public:
  /// Writes a file into the folder and returns its path.
  std::filesystem::path write(const std::string& name, const Bytes& bytes) const {
    const std::filesystem::path path = *this / name;
    std::ofstream out(path, std::ios::binary);
    out.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    return path;
  }
};

/// Sets an environment variable, or removes it, for as long as this object lives.
class Environment {
 public:
  Environment(const char* name, const char* value) : name_(name) {
    if (const char* before = std::getenv(name)) before_ = before, was_set_ = true;
    if (value != nullptr) {
      setenv(name, value, 1);
    } else {
      unsetenv(name);
    }
  }
  ~Environment() {
    if (was_set_) {
      setenv(name_, before_.c_str(), 1);
    } else {
      unsetenv(name_);
    }
  }
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;

 private:
  const char* name_;
  std::string before_;
  bool was_set_ = false;
};

inline Bytes bytes_of(const std::string& text) { return {text.begin(), text.end()}; }

inline Bytes read_bytes(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

/// An IDX header: magic number and sizes, big-endian.
inline Bytes idx_header(std::initializer_list<std::uint32_t> numbers) {
  Bytes bytes;
  for (const std::uint32_t number : numbers) {
    for (int shift = 24; shift >= 0; shift -= 8)
      bytes.push_back(static_cast<std::uint8_t>(number >> shift & 255U));
  }
  return bytes;
}

inline Bytes operator+(Bytes a, const Bytes& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

inline Bytes gzip(const Bytes& content) {
  z_stream stream{};
  deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  Bytes result(deflateBound(&stream, content.size()) + 32);
  stream.next_in = const_cast<std::uint8_t*>(content.data());
  stream.avail_in = static_cast<uInt>(content.size());
  stream.next_out = result.data();
  stream.avail_out = static_cast<uInt>(result.size());
  deflate(&stream, Z_FINISH);
  result.resize(stream.total_out);
  deflateEnd(&stream);
  return result;
}

/// Two images of 2 x 3 pixels and their labels.
inline Bytes small_images() {
  return idx_header({0x803, 2, 2, 3}) + Bytes{0, 1, 2, 3, 4, 5, 250, 251, 252, 253, 254, 255};
}
inline Bytes small_labels() { return idx_header({0x801, 3}) + Bytes{9, 0, 200}; }

/// A predicate for BOOST_CHECK_EXCEPTION: the message holds every one of the texts.
inline auto mentions(std::vector<std::string> texts) {
  return [texts = std::move(texts)](const std::exception& error) {
    const std::string message = error.what();
    for (const std::string& text : texts) {
      if (message.find(text) != std::string::npos) continue;
      BOOST_TEST_MESSAGE("\"" << text << "\" is not in: " << message);
      return false;
    }
    return true;
  };
}

}  // namespace cnn::test
