// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

struct z_stream_s;

namespace cnn::data {

/// The bytes of a file, decompressed on the way if the file is compressed with gzip. Unlike zlib's gzread(), it notices
/// bytes other than zero after the end of the compressed data.
class ByteSource {
 public:
  /// Opens a file.
  /// \param path  the file
  /// \throws DataError  it is missing, empty, a directory, another thing that is no file, or cannot be read
  explicit ByteSource(std::filesystem::path path);
  ~ByteSource();
  ByteSource(const ByteSource&) = delete;
  ByteSource& operator=(const ByteSource&) = delete;

  /// Reads on until `bytes` is full or the data ends.
  /// \param bytes  what to fill
  /// \return       how many bytes were read
  /// \throws DataError  the compressed data is damaged or cut off, or the disk failed
  std::size_t read(std::span<std::uint8_t> bytes);

  /// \return true if the file is compressed
  bool is_compressed() const noexcept { return inflater_ != nullptr; }
  /// \return size of the file on disk, in bytes
  std::uintmax_t file_size() const noexcept { return file_size_; }
  /// \return the most bytes the whole file can hold, decompressed; an upper bound, known before anything is read
  std::uintmax_t most_bytes() const noexcept;
  /// \return path, for messages
  const std::filesystem::path& path() const noexcept { return path_; }

 private:
  struct CloseFile {
    void operator()(std::FILE* file) const noexcept { std::fclose(file); }
  };

  std::size_t read_file(std::uint8_t* bytes, std::size_t count);
  std::size_t inflate_some(std::uint8_t* bytes, std::size_t count);
  bool refill();
  void finish_member();
  [[noreturn]] void fail(const std::string& reason) const;

  std::filesystem::path path_;
  std::uintmax_t file_size_ = 0;
  std::unique_ptr<std::FILE, CloseFile> file_;
  std::unique_ptr<z_stream_s> inflater_;  // null: the file is not compressed
  std::vector<std::uint8_t> compressed_;
  bool ended_ = false;
};

}  // namespace cnn::data
