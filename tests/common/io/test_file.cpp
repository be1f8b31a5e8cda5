// SPDX-License-Identifier: MIT
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <boost/test/unit_test.hpp>

#include "common/core/check.hpp"
#include "common/io/file.hpp"
#include "tests/common/io/scratch.hpp"

using namespace cnn;
using namespace cnn::io;
using cnn::test::get;
using cnn::test::in_child;
using cnn::test::put;
using cnn::test::says;
using cnn::test::Scratch;
namespace utf = boost::unit_test;

BOOST_AUTO_TEST_SUITE(file)

namespace {

constexpr int wrong = 1;
constexpr int right = 42;

/// Writes too much in a place where that fails. `right` if the error says why, nothing half-written is left and the old file
/// is untouched.
int check_failing_write(const std::filesystem::path& path, const std::string& why) {
  put(path, "old");
  const std::string large(100'000, 'x');
  try {
    write_file_atomically(path, large);
  } catch (const DataError& error) {
    const std::string text = error.what();
    const bool clear = text.find(why) != std::string::npos && text.find(path.string()) != std::string::npos;
    return clear && get(path) == "old" && !std::filesystem::exists(path.string() + ".tmp") ? right : wrong;
  }
  return wrong;
}

/// Makes the folder a disk of 64 KiB, for this process only.
bool mount_small_disk(const std::filesystem::path& folder) {
  return ::unshare(CLONE_NEWNS) == 0 && ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
         ::mount("tmpfs", folder.c_str(), "tmpfs", 0, "size=64k") == 0;
}

boost::test_tools::assertion_result may_mount(utf::test_unit_id) {
  const Scratch scratch;
  boost::test_tools::assertion_result result =
      in_child([&] { return mount_small_disk(scratch.folder()) ? right : wrong; }) == right;
  result.message() << "needs the right to mount a small disk";
  return result;
}

}  // namespace

BOOST_AUTO_TEST_CASE(writes_and_reads_back_every_byte) {
  const Scratch scratch;
  std::string bytes;
  for (int i = 0; i < 256; ++i) bytes += static_cast<char>(i);
  write_file_atomically(scratch / "a", bytes);
  BOOST_TEST(read_file(scratch / "a", 256) == bytes);
  BOOST_TEST(scratch.listing() == "a");
  write_file_atomically(scratch / "a", "");
  BOOST_TEST(read_file(scratch / "a", 0).empty());
}

BOOST_AUTO_TEST_CASE(replaces_a_file_and_keeps_its_permissions) {
  const Scratch scratch;
  put(scratch / "a", "old and long");
  ::chmod((scratch / "a").c_str(), 0600);
  write_file_atomically(scratch / "a", "new");
  BOOST_TEST(get(scratch / "a") == "new");
  struct stat status {};
  BOOST_REQUIRE(::stat((scratch / "a").c_str(), &status) == 0);
  BOOST_TEST((status.st_mode & 0777) == 0600);
}

BOOST_AUTO_TEST_CASE(follows_a_symbolic_link) {
  const Scratch scratch;
  put(scratch / "target", "old");
  std::filesystem::create_symlink("target", scratch / "link");
  write_file_atomically(scratch / "link", "new");
  BOOST_TEST(get(scratch / "target") == "new");
  BOOST_TEST(std::filesystem::is_symlink(scratch / "link"));
}

BOOST_AUTO_TEST_CASE(writes_into_the_working_folder) {
  const Scratch scratch;
  BOOST_TEST(in_child([&] {
               if (::chdir(scratch.folder().c_str()) != 0) return wrong;
               write_file_atomically("plain", "x");
               return right;
             }) == right);
  BOOST_TEST(get(scratch / "plain") == "x");
}

BOOST_AUTO_TEST_CASE(uncommitted_file_disappears) {
  const Scratch scratch;
  put(scratch / "a", "old");
  {
    AtomicFile file(scratch / "a");
    file.write("new");
    BOOST_TEST(get(scratch / "a") == "old");
  }
  BOOST_TEST(get(scratch / "a") == "old");
  BOOST_TEST(scratch.listing() == "a");
}

BOOST_AUTO_TEST_CASE(committing_twice_throws) {
  const Scratch scratch;
  AtomicFile file(scratch / "a");
  file.commit();
  BOOST_CHECK_THROW(file.commit(), StateError);
  BOOST_CHECK_THROW(file.write("x"), StateError);
}

BOOST_AUTO_TEST_CASE(killed_writer_leaves_the_old_file_and_the_next_writer_cleans_up) {
  const Scratch scratch;
  put(scratch / "a", "old");
  BOOST_TEST(in_child([&] {
               AtomicFile file(scratch / "a");
               file.write("a new content that is never finished");
               ::raise(SIGKILL);
               return wrong;
             }) == -SIGKILL);
  BOOST_TEST(get(scratch / "a") == "old");
  BOOST_TEST(scratch.listing() == "a a.tmp");
  write_file_atomically(scratch / "a", "new");
  BOOST_TEST(get(scratch / "a") == "new");
  BOOST_TEST(scratch.listing() == "a");
}

BOOST_AUTO_TEST_CASE(second_writer_is_refused) {
  const Scratch scratch;
  AtomicFile first(scratch / "a");
  first.write("first");
  BOOST_CHECK_EXCEPTION(write_file_atomically(scratch / "a", "second"), DataError,
                        says({"another program is writing"}));
  first.commit();
  BOOST_TEST(get(scratch / "a") == "first");
}

BOOST_AUTO_TEST_CASE(impossible_targets_are_named) {
  const Scratch scratch;
  std::filesystem::create_directory(scratch / "folder");
  put(scratch / "file", "x");
  const auto write = [&](const std::string& name) { write_file_atomically(scratch / name, "x"); };
  BOOST_CHECK_EXCEPTION(write("folder"), DataError, says({"/folder", "it is a folder"}));
  BOOST_CHECK_EXCEPTION(write("folder/"), DataError, says({"it is a folder"}));
  BOOST_CHECK_EXCEPTION(write("none/a"), DataError, says({"/none/a", "its folder does not exist"}));
  BOOST_CHECK_EXCEPTION(write("file/a"), DataError, says({"/file/a", "is a file, not a folder"}));
  BOOST_CHECK_EXCEPTION(write(std::string(255, 'n')), DataError, says({"the name is too long"}));
  BOOST_CHECK_EXCEPTION(write_file_atomically("", "x"), DataError, says({"it is a folder"}));
  BOOST_CHECK_EXCEPTION(write_file_atomically("/dev/full", "x"), DataError, says({"/dev/full", "device"}));
  BOOST_TEST(std::filesystem::is_character_file("/dev/full"));
  BOOST_TEST(scratch.listing() == "file folder");
}

BOOST_AUTO_TEST_CASE(unreadable_sources_are_named) {
  const Scratch scratch;
  put(scratch / "file", "four");
  ::mkfifo((scratch / "pipe").c_str(), 0600);
  const auto read = [&](const std::string& name) { return read_file(scratch / name, 3); };
  BOOST_CHECK_EXCEPTION(read("none"), DataError, says({"/none", "no such file"}));
  BOOST_CHECK_EXCEPTION(read(""), DataError, says({"it is a folder"}));
  BOOST_CHECK_EXCEPTION(read("file/a"), DataError, says({"is a file, not a folder"}));
  BOOST_CHECK_EXCEPTION(read("pipe"), DataError, says({"a device or a pipe"}));
  BOOST_CHECK_EXCEPTION(read("file"), DataError, says({"4 bytes", "at most 3"}));
  BOOST_CHECK_EXCEPTION(read_file("/dev/zero", 3), DataError, says({"a device or a pipe"}));
}

BOOST_AUTO_TEST_CASE(reading_past_the_end_throws) {
  const Scratch scratch;
  put(scratch / "a", "abcd");
  const InputFile file(scratch / "a");
  BOOST_TEST(file.size() == 4u);
  std::vector<std::byte> bytes(3);
  file.read(1, bytes);
  BOOST_TEST(static_cast<char>(bytes[2]) == 'd');
  BOOST_CHECK_EXCEPTION(file.read(2, bytes), DataError, says({"ends too early"}));
}

BOOST_AUTO_TEST_CASE(file_size_limit_leaves_nothing_half_written) {
  const Scratch scratch;
  BOOST_TEST(in_child([&] {
               ::signal(SIGXFSZ, SIG_IGN);
               const rlimit limit{4096, 4096};
               ::setrlimit(RLIMIT_FSIZE, &limit);
               return check_failing_write(scratch / "a", "larger than this system allows");
             }) == right);
  BOOST_TEST(scratch.listing() == "a");
}

BOOST_AUTO_TEST_CASE(full_disk_leaves_nothing_half_written, *utf::precondition(may_mount)) {
  const Scratch scratch;
  BOOST_TEST(in_child([&] {
               return mount_small_disk(scratch.folder())
                          ? check_failing_write(scratch / "a", "the disk is full")
                          : wrong;
             }) == right);
}

BOOST_AUTO_TEST_CASE(make_folder_makes_parents_and_names_obstacles) {
  const Scratch scratch;
  make_folder(scratch / "a/b/c");
  make_folder(scratch / "a/b/c");
  BOOST_TEST(std::filesystem::is_directory(scratch / "a/b/c"));
  put(scratch / "file", "x");
  BOOST_CHECK_EXCEPTION(make_folder(scratch / "file"), DataError, says({"/file", "is a file, not a folder"}));
  BOOST_CHECK_EXCEPTION(make_folder(scratch / "file/sub"), DataError,
                        says({"/file/sub", "is a file, not a folder"}));
}

BOOST_AUTO_TEST_SUITE_END()
