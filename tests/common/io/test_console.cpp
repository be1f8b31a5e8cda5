// SPDX-License-Identifier: MIT
#include <fcntl.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <thread>

#include "common/io/console.hpp"
#include "tests/common/io/scratch.hpp"

using namespace cnn::io;
using cnn::test::get;
using cnn::test::in_child;
using cnn::test::Scratch;

BOOST_AUTO_TEST_SUITE(console)

namespace {

/// Puts a file in the place of a standard stream, in a child process.
void redirect(int descriptor, const std::string& path) {
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_APPEND, 0600);
  ::dup2(file, descriptor);
  ::close(file);
}

bool is_dev_null(int descriptor) {
  struct stat there {};
  struct stat null {};
  return ::fstat(descriptor, &there) == 0 && ::stat("/dev/null", &null) == 0 && there.st_rdev == null.st_rdev;
}

}  // namespace

BOOST_AUTO_TEST_CASE(text_goes_out_at_once_after_what_was_buffered) {
  const Scratch scratch;
  const std::string path = (scratch / "out").string();
  BOOST_TEST(in_child([&] {
               redirect(1, path);
               redirect(2, path);
               std::fputs("a", stdout);
               print("b\n");
               std::fputs("c", stdout);
               print_error("d\n");
               const bool now = get(path) == "ab\ncd\n";
               return now && finish_output() ? 0 : 1;
             }) == 0);
}

BOOST_AUTO_TEST_CASE(a_full_standard_output_is_told_at_the_end) {
  BOOST_TEST(in_child([] {
               redirect(1, "/dev/full");
               print("lost\n");
               return finish_output() ? 1 : 0;
             }) == 0);
  BOOST_TEST(in_child([] {
               redirect(1, "/dev/full");
               std::fputs("lost, too", stdout);  // by someone who does not know this writer
               return finish_output() ? 1 : 0;
             }) == 0);
}

BOOST_AUTO_TEST_CASE(what_was_lost_does_not_come_later) {
  const Scratch scratch;
  const std::string path = (scratch / "out").string();
  BOOST_TEST(in_child([&] {
               redirect(1, "/dev/full");
               std::fputs("lost", stdout);
               print("lost");
               redirect(1, path);
               print("kept");
               return finish_output() ? 1 : 0;
             }) == 0);
  BOOST_TEST(get(path) == "kept");
}

BOOST_AUTO_TEST_CASE(standard_error_may_be_full_or_closed) {
  const Scratch scratch;
  const std::string path = (scratch / "out").string();
  BOOST_TEST(in_child([&] {
               redirect(1, path);
               redirect(2, "/dev/full");
               print_error("lost\n");
               ::close(2);
               print_error("lost\n");
               print("kept\n");
               return finish_output() ? 0 : 1;
             }) == 0);
  BOOST_TEST(get(path) == "kept\n");
}

BOOST_AUTO_TEST_CASE(a_reader_that_is_gone_is_no_loss) {
  BOOST_TEST(in_child([] {
               ignore_signals_of_writing();
               int ends[2];
               if (::pipe(ends) != 0) return 1;
               ::dup2(ends[1], 1);
               ::close(ends[0]);
               ::close(ends[1]);
               print("nobody reads this\n");
               return finish_output() ? 0 : 2;
             }) == 0);
}

BOOST_AUTO_TEST_CASE(a_terminal_that_is_gone_is_no_loss) {
  BOOST_TEST(in_child([] {
               const int master = ::posix_openpt(O_RDWR | O_NOCTTY);
               if (master < 0 || ::grantpt(master) != 0 || ::unlockpt(master) != 0)
                 return 0;  // no terminals here
               const int slave = ::open(::ptsname(master), O_RDWR | O_NOCTTY);
               if (slave < 0) return 0;
               ::dup2(slave, 1);
               ::close(master);
               const bool gone = write_to(1, "x") == EIO;
               print("nobody sees this\n");
               return gone && finish_output() ? 0 : 1;
             }) == 0);
}

BOOST_AUTO_TEST_CASE(a_file_that_may_not_grow_is_a_loss) {
  const Scratch scratch;
  BOOST_TEST(in_child([&] {
               ignore_signals_of_writing();
               redirect(1, (scratch / "out").string());
               const rlimit limit{10, 10};
               ::setrlimit(RLIMIT_FSIZE, &limit);
               print("more than ten bytes\n");
               return finish_output() ? 1 : 0;
             }) == 0);
}

BOOST_AUTO_TEST_CASE(a_slow_reader_of_a_non_blocking_pipe_gets_everything) {
  int ends[2];
  BOOST_REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
  ::fcntl(ends[1], F_SETFL, O_NONBLOCK);
  const std::string text(1'000'000, 'x');
  std::size_t got = 0;
  std::thread reader([&] {
    ::usleep(20'000);
    char buffer[65'536];
    for (ssize_t count; (count = ::read(ends[0], buffer, sizeof buffer)) > 0;)
      got += static_cast<std::size_t>(count);
  });
  const int error = write_to(ends[1], text);
  ::close(ends[1]);
  reader.join();
  ::close(ends[0]);
  BOOST_TEST(error == 0);
  BOOST_TEST(got == text.size());
}

BOOST_AUTO_TEST_CASE(an_error_of_a_descriptor_is_returned) {
  BOOST_TEST(write_to(-1, "x") == EBADF);
  BOOST_TEST(write_to(-1, "") == 0);
}

BOOST_AUTO_TEST_CASE(closed_streams_become_dev_null) {
  for (const std::vector<int>& closed : std::vector<std::vector<int>>{{0, 1, 2}, {1}, {0, 1}, {2}, {0, 2}}) {
    BOOST_TEST(in_child([&] {
                 for (int descriptor = 0; descriptor < 3; ++descriptor) redirect(descriptor, "/dev/full");
                 for (const int descriptor : closed) ::close(descriptor);
                 open_standard_streams();
                 int nulls = 0;
                 for (int descriptor = 0; descriptor < 3; ++descriptor)
                   nulls += is_dev_null(descriptor) ? 1 : 0;
                 for (const int descriptor : closed) {
                   if (!is_dev_null(descriptor)) return 1;
                 }
                 const bool others_stay = nulls == static_cast<int>(closed.size());
                 return others_stay && ::open("/dev/null", O_RDONLY) > 2 ? 0 : 2;
               }) == 0);
  }
}

BOOST_AUTO_TEST_CASE(open_streams_stay_what_they_are) {
  const Scratch scratch;
  const std::string path = (scratch / "out").string();
  BOOST_TEST(in_child([&] {
               redirect(1, path);
               open_standard_streams();
               print("kept");
               return 0;
             }) == 0);
  BOOST_TEST(get(path) == "kept");
}

BOOST_AUTO_TEST_SUITE_END()
