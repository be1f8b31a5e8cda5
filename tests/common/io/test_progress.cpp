// SPDX-License-Identifier: MIT
#include <fcntl.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <limits>

#include "common/io/progress.hpp"
#include "tests/common/io/scratch.hpp"

using namespace cnn;
using namespace cnn::io;
using cnn::test::get;
using cnn::test::Scratch;

BOOST_AUTO_TEST_SUITE(progress)

namespace {

const Progress half{.epoch = 2,
                    .epochs = 5,
                    .step = 5,
                    .steps = 10,
                    .loss = 0.90121,
                    .images_per_second = 8123.4,
                    .seconds_left = 102};

/// Both ends of a terminal that nobody looks at.
struct Terminal {
  int master = ::posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK);
  int slave = -1;
  Terminal() {
    if (master >= 0 && ::grantpt(master) == 0 && ::unlockpt(master) == 0)
      slave = ::open(::ptsname(master), O_RDWR | O_NOCTTY);
  }
  ~Terminal() {
    ::close(slave);
    ::close(master);
  }
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;
  std::string seen() const {
    char buffer[4096];
    const ssize_t count = ::read(master, buffer, sizeof buffer);
    return {buffer, count > 0 ? static_cast<std::size_t>(count) : 0};
  }
};

boost::test_tools::assertion_result has_terminals(boost::unit_test::test_unit_id) {
  boost::test_tools::assertion_result result = Terminal().slave >= 0;
  result.message() << "needs pseudo-terminals (/dev/pts), which this system does not give";
  return result;
}

}  // namespace

BOOST_AUTO_TEST_CASE(wide_line) {
  BOOST_TEST(format_progress(half, 120) ==
             "epoch 2/5 [==============>               ] 5/10  loss 0.9012  1:42 left  8123 images/s");
}

BOOST_AUTO_TEST_CASE(bar_is_empty_at_first_and_full_at_last) {
  Progress p = half;
  p.step = 0;
  BOOST_TEST(format_progress(p, 120).find("[                              ] 0/10") != std::string::npos);
  p.step = 10;
  BOOST_TEST(format_progress(p, 120).find("[==============================] 10/10") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(narrow_terminals_get_less) {
  BOOST_TEST(format_progress(half, 40) == "epoch 2/5 5/10  loss 0.9012  1:42 left");
  BOOST_TEST(format_progress(half, 30) == "epoch 2/5 5/10  loss 0.9012");
  BOOST_TEST(format_progress(half, 10) == "epoch 2/5");
  for (int columns = -1; columns < 150; ++columns) {
    BOOST_TEST(static_cast<int>(format_progress(half, columns).size()) <= std::max(columns - 1, 0));
  }
}

BOOST_AUTO_TEST_CASE(hours_minutes_and_unknown_times) {
  Progress p = half;
  p.seconds_left = 7384;
  BOOST_TEST(format_progress(p, 120).find("  2:03:04 left") != std::string::npos);
  p.seconds_left = 7;
  BOOST_TEST(format_progress(p, 120).find("  0:07 left") != std::string::npos);
  for (const double unknown : {-1.0, std::nan(""), std::numeric_limits<double>::infinity()}) {
    p.seconds_left = unknown;
    p.images_per_second = 0;
    BOOST_TEST(format_progress(p, 120).find("left") == std::string::npos);
    BOOST_TEST(format_progress(p, 120).find("images/s") == std::string::npos);
  }
  p.seconds_left = 1e300;
  BOOST_TEST(format_progress(p, 120).find("99:59:59 left") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(impossible_numbers_do_no_harm) {
  BOOST_TEST(!format_progress({}, 80).empty());
  BOOST_TEST(
      !format_progress({.epoch = 1, .epochs = 1, .step = 20, .steps = 10, .loss = std::nan("")}, 80).empty());
}

BOOST_AUTO_TEST_CASE(silent_into_a_file) {
  const Scratch scratch;
  const int file = ::open((scratch / "out").c_str(), O_WRONLY | O_CREAT, 0600);
  {
    ProgressBar bar(file);
    BOOST_TEST(!bar.visible());
    bar.show(half);
    bar.erase();
  }
  ::close(file);
  BOOST_TEST(get(scratch / "out").empty());
}

BOOST_AUTO_TEST_CASE(shown_and_erased_on_a_terminal, *boost::unit_test::precondition(has_terminals)) {
  const Terminal terminal;
  BOOST_REQUIRE(terminal.slave >= 0);
  ::setenv("TERM", "xterm", 1);
  winsize size{};
  size.ws_col = 40;
  ::ioctl(terminal.slave, TIOCSWINSZ, &size);
  ProgressBar bar(terminal.slave);
  BOOST_TEST(bar.visible());
  bar.show(half);
  bar.show(half);  // too soon after the first
  BOOST_TEST(terminal.seen() == "\r\x1b[K" + format_progress(half, 40));
  bar.erase();
  bar.erase();
  BOOST_TEST(terminal.seen() == "\r\x1b[K");
}

BOOST_AUTO_TEST_CASE(silent_on_a_terminal_that_cannot_erase, *boost::unit_test::precondition(has_terminals)) {
  const Terminal terminal;
  ::setenv("TERM", "dumb", 1);
  BOOST_TEST(!ProgressBar(terminal.slave).visible());
}

BOOST_AUTO_TEST_SUITE_END()
