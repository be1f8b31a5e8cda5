// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

namespace cnn::io {

/// A file that appears whole or not at all: what is written goes to `<path>.tmp` in the same folder, and commit() renames it.
/// A run killed in between leaves at most that temporary file, which nobody reads and the next writer of the path takes over.
/// One writer at a time: a second one, also in another process, is refused.
class AtomicFile {
 public:
  /// Opens the temporary file.
  /// \param path  the file to create or replace; a symbolic link is followed
  /// \throws DataError  the path is a folder or a device, its folder is missing or unwritable, or someone else is writing it
  explicit AtomicFile(std::filesystem::path path);
  /// Removes the temporary file, unless commit() has renamed it.
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  /// Appends bytes.
  /// \param bytes  what to write
  /// \throws DataError  the disk is full, or another failure
  void write(std::span<const std::byte> bytes);
  /// Appends text.
  /// \param text  what to write
  /// \throws DataError  the disk is full, or another failure
  void write(std::string_view text);

  /// Waits until the bytes are on the disk, then gives the file its name. Call it once, last.
  /// \throws DataError  the disk is full, or another failure; the old file, if any, is untouched
  void commit();

  /// \return descriptor of the temporary file, for a child process to write to
  int descriptor() const noexcept { return descriptor_; }

 private:
  [[noreturn]] void fail(int error) const;
  void discard() noexcept;

  std::filesystem::path path_;
  std::filesystem::path temporary_;
  int descriptor_ = -1;
};

/// A regular file open for reading at any position.
class InputFile {
 public:
  /// \param path  an existing regular file
  /// \throws DataError  it is missing, a folder, a device or a pipe, or may not be read
  explicit InputFile(std::filesystem::path path);
  ~InputFile();
  InputFile(const InputFile&) = delete;
  InputFile& operator=(const InputFile&) = delete;

  /// \return size in bytes when it was opened
  std::uint64_t size() const noexcept { return size_; }

  /// Fills a buffer from a position.
  /// \param offset  position of the first byte, from the start of the file
  /// \param bytes   what to fill
  /// \throws DataError  the file ends before, or cannot be read
  void read(std::uint64_t offset, std::span<std::byte> bytes) const;

 private:
  std::filesystem::path path_;
  int descriptor_ = -1;
  std::uint64_t size_ = 0;
};

/// Creates or replaces a file in one step: readers see the old one or the new one, never a part.
/// \param path   the file; its folder must exist
/// \param bytes  its content
/// \throws DataError  names the path and the reason; the old file, if any, is untouched
void write_file_atomically(const std::filesystem::path& path, std::span<const std::byte> bytes);

/// Creates or replaces a text file in one step.
/// \param path  the file; its folder must exist
/// \param text  its content
/// \throws DataError  names the path and the reason; the old file, if any, is untouched
void write_file_atomically(const std::filesystem::path& path, std::string_view text);

/// Reads a whole file.
/// \param path       a regular file
/// \param max_bytes  a larger file is refused before anything is read
/// \return           its bytes
/// \throws DataError  it is missing, not a regular file, too large, or cannot be read
std::string read_file(const std::filesystem::path& path, std::uint64_t max_bytes);

/// Creates a folder and the folders above it; existing ones are fine.
/// \param path  the folder
/// \throws DataError  a part of the path is a file, or may not be written
void make_folder(const std::filesystem::path& path);

/// Says in words why the system refused a file, and what to do: "the disk is full; free some space".
/// \param error  value of errno
/// \return       text for the end of a message
std::string reason(int error);

}  // namespace cnn::io
