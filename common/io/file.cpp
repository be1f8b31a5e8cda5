// SPDX-License-Identifier: MIT
#include "common/io/file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

#include "common/core/check.hpp"

namespace cnn::io {
namespace fs = std::filesystem;
namespace {

[[noreturn]] void fail_reading(const fs::path& path, const std::string& why) {
  throw DataError("[read] cannot read " + path.string() + ": " + why);
}

[[noreturn]] void fail_writing(const fs::path& path, const std::string& why) {
  throw DataError("[write] cannot write " + path.string() + ": " + why);
}

/// Writes everything, however often the system takes only a part. Returns 0 or the error.
int write_all(int descriptor, const std::byte* bytes, std::size_t count) {
  while (count > 0) {
    const ssize_t written = ::write(descriptor, bytes, count);
    if (written < 0) {
      if (errno == EINTR) continue;
      return errno;
    }
    if (written == 0) return ENOSPC;
    bytes += written;
    count -= static_cast<std::size_t>(written);
  }
  return 0;
}

int sync_descriptor(int descriptor) {
  while (::fsync(descriptor) != 0) {
    if (errno == EINTR) continue;
    return errno == EINVAL || errno == ENOTSUP ? 0 : errno;  // some file systems cannot, and need not
  }
  return 0;
}

/// A rename is on the disk only once its folder is. What is done cannot be undone here, so failures are not reported.
void sync_folder(const fs::path& folder) {
  const int descriptor = ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return;
  sync_descriptor(descriptor);
  ::close(descriptor);
}

/// True if the open file still has the name: another writer may have renamed it between open() and flock().
bool is_named(int descriptor, const fs::path& path) {
  struct stat by_descriptor {};
  struct stat by_name {};
  return ::fstat(descriptor, &by_descriptor) == 0 && ::stat(path.c_str(), &by_name) == 0 &&
         by_descriptor.st_ino == by_name.st_ino && by_descriptor.st_dev == by_name.st_dev;
}

/// Opens and locks the temporary file. Returns a descriptor, or minus the error.
int open_locked(const fs::path& path) {
  while (true) {
    const int descriptor =
        ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0666);
    if (descriptor < 0) {
      if (errno == EINTR) continue;
      return -errno;
    }
    const bool busy = ::flock(descriptor, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;
    if (!busy && is_named(descriptor, path)) return descriptor;
    ::close(descriptor);
    if (busy) return -EBUSY;
  }
}

}  // namespace

std::string reason(int error) {
  switch (error) {
    case ENOSPC:
      return "the disk is full; free some space";
    case EDQUOT:
      return "your disk quota is used up; free some space";
    case EFBIG:
      return "the file became larger than this system allows; choose another disk";
    case EACCES:
    case EPERM:
      return "no permission; choose another folder, or change its permissions";
    case EROFS:
      return "the disk is read-only; choose another folder";
    case ENOENT:
      return "there is no such file or folder; check the path";
    case ENOTDIR:
      return "a part of the path is a file, not a folder; choose another path";
    case EISDIR:
      return "it is a folder; name a file";
    case ENAMETOOLONG:
      return "the name is too long; choose a shorter one";
    case EBUSY:
      return "another program is writing it; wait for it, or choose another path";
    case EMFILE:
    case ENFILE:
      return "too many open files; close some programs";
    default:
      return std::string(std::strerror(error)) + "; check the disk and the path";
  }
}

AtomicFile::AtomicFile(fs::path path) : path_(std::move(path)) {
  std::error_code ignored;
  if (fs::is_symlink(path_, ignored)) {
    const fs::path target = fs::canonical(path_, ignored);
    if (!target.empty()) path_ = target;
  }
  struct stat existing {};
  const bool exists = ::stat(path_.c_str(), &existing) == 0;
  if (path_.filename().empty() || (exists && S_ISDIR(existing.st_mode))) fail(EISDIR);
  if (exists && !S_ISREG(existing.st_mode)) fail_writing(path_, "it is a device or a pipe; name a file");
  temporary_ = path_;
  temporary_ += ".tmp";
  const int opened = open_locked(temporary_);
  if (opened < 0) fail(-opened);
  descriptor_ = opened;
  if (::ftruncate(descriptor_, 0) != 0) {
    const int error = errno;
    discard();
    fail(error);
  }
  if (exists) (void)!::fchmod(descriptor_, existing.st_mode & 0777);  // a private file stays private
}

AtomicFile::~AtomicFile() { discard(); }

void AtomicFile::discard() noexcept {
  if (descriptor_ < 0) return;
  ::unlink(temporary_.c_str());
  ::close(descriptor_);
  descriptor_ = -1;
}

void AtomicFile::fail(int error) const {
  if (error == ENOENT) fail_writing(path_, "its folder does not exist; create it first");
  fail_writing(path_, reason(error));
}

void AtomicFile::write(std::span<const std::byte> bytes) {
  CNN_CHECK(descriptor_ >= 0, StateError, "[write] " + path_.string() + " is already committed");
  const int error = write_all(descriptor_, bytes.data(), bytes.size());
  if (error != 0) fail(error);
}

void AtomicFile::write(std::string_view text) { write(std::as_bytes(std::span(text.data(), text.size()))); }

void AtomicFile::commit() {
  CNN_CHECK(descriptor_ >= 0, StateError, "[write] " + path_.string() + " is already committed");
  int error = sync_descriptor(descriptor_);
  if (error == 0 && ::rename(temporary_.c_str(), path_.c_str()) != 0) error = errno;
  if (error != 0) {
    discard();
    fail(error);
  }
  ::close(descriptor_);
  descriptor_ = -1;
  sync_folder(path_.parent_path());
}

InputFile::InputFile(fs::path path) : path_(std::move(path)) {
  do {  // without O_NONBLOCK, opening a pipe would wait for its writer
    descriptor_ = ::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  } while (descriptor_ < 0 && errno == EINTR);
  if (descriptor_ < 0) fail_reading(path_, reason(errno));
  struct stat status {};
  if (::fstat(descriptor_, &status) != 0 || !S_ISREG(status.st_mode)) {
    ::close(descriptor_);
    fail_reading(path_, S_ISDIR(status.st_mode) ? reason(EISDIR) : "it is a device or a pipe; name a file");
  }
  size_ = static_cast<std::uint64_t>(status.st_size);
}

InputFile::~InputFile() { ::close(descriptor_); }

void InputFile::read(std::uint64_t offset, std::span<std::byte> bytes) const {
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t count =
        ::pread(descriptor_, bytes.data() + done, bytes.size() - done, static_cast<off_t>(offset + done));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail_reading(path_, reason(errno));
    if (count == 0) fail_reading(path_, "it ends too early; it may be incomplete, get it again");
    done += static_cast<std::size_t>(count);
  }
}

void write_file_atomically(const fs::path& path, std::span<const std::byte> bytes) {
  AtomicFile file(path);
  file.write(bytes);
  file.commit();
}

void write_file_atomically(const fs::path& path, std::string_view text) {
  write_file_atomically(path, std::as_bytes(std::span(text.data(), text.size())));
}

std::string read_file(const fs::path& path, std::uint64_t max_bytes) {
  const InputFile file(path);
  if (file.size() > max_bytes) {
    fail_reading(path, "it has " + std::to_string(file.size()) + " bytes, and at most " +
                           std::to_string(max_bytes) + " are expected; check that it is the right file");
  }
  std::string bytes(static_cast<std::size_t>(file.size()), '\0');
  file.read(0, std::as_writable_bytes(std::span(bytes.data(), bytes.size())));
  return bytes;
}

void make_folder(const fs::path& path) {
  std::error_code error;
  fs::create_directories(path, error);
  if (error || !fs::is_directory(path)) {
    throw DataError("[write] cannot make the folder " + path.string() + ": " +
                    reason(error && error.value() != EEXIST ? error.value() : ENOTDIR));
  }
}

}  // namespace cnn::io
