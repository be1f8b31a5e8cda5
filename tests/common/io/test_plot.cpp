// SPDX-License-Identifier: MIT
#include <stdlib.h>

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <cmath>

#include "common/core/check.hpp"
#include "common/io/gnuplot.hpp"
#include "common/io/image.hpp"
#include "common/io/plot.hpp"
#include "tests/common/io/scratch.hpp"

using namespace cnn;
using namespace cnn::io;
using cnn::test::get;
using cnn::test::put;
using cnn::test::says;
using cnn::test::Scratch;
namespace utf = boost::unit_test;

BOOST_AUTO_TEST_SUITE(plot)

namespace {

const std::vector<EpochRecord> epochs{
    {1, 1.84, 0.32, 0.58, 1}, {2, 0.76, 0.71, std::nan(""), 1}, {3, 0.6, 0.77, 0.76, 1}};

/// Searches programs in one folder only, while it lives.
class Path {
 public:
  explicit Path(const std::string& folder) : old_(::getenv("PATH")) { ::setenv("PATH", folder.c_str(), 1); }
  ~Path() { ::setenv("PATH", old_.c_str(), 1); }
  Path(const Path&) = delete;
  Path& operator=(const Path&) = delete;

 private:
  std::string old_;
};

/// True if there is a picture; says why not.
bool drawn(const Drawing& drawing) {
  BOOST_TEST_MESSAGE(drawing.why_not);
  return static_cast<bool>(drawing);
}

/// A program that stands for gnuplot.
void put_gnuplot(const Scratch& programs, const std::string& script) {
  put(programs / "gnuplot", "#!/bin/sh\n" + script + "\n");
  std::filesystem::permissions(programs / "gnuplot", std::filesystem::perms::owner_all);
}

boost::test_tools::assertion_result has_gnuplot(utf::test_unit_id) {
  boost::test_tools::assertion_result result = std::system("command -v gnuplot > /dev/null 2>&1") == 0;
  result.message() << "needs gnuplot";
  return result;
}

}  // namespace

BOOST_AUTO_TEST_CASE(real_gnuplot_draws_both_pictures, *utf::precondition(has_gnuplot)) {
  const Scratch scratch;
  BOOST_TEST(
      drawn(write_curves(scratch.folder(), epochs, "it's 5.5 lenet_x {quick} `date` \"$HOME\"\n$(date)")));
  BOOST_TEST(scratch.listing() == "curves.png curves.svg");
  BOOST_TEST((read_gray(scratch / "curves.png").shape() == Shape{420, 1000}));
  const std::string svg = get(scratch / "curves.svg");
  BOOST_TEST(svg.find("</svg>") != std::string::npos);
  BOOST_TEST(svg.find("lenet_x {quick} `date`") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(one_epoch_is_enough, *utf::precondition(has_gnuplot)) {
  const Scratch scratch;
  BOOST_TEST(drawn(write_curves(scratch.folder(), {epochs[0]}, "one")));
}

BOOST_AUTO_TEST_CASE(diverged_run_is_drawn_too, *utf::precondition(has_gnuplot)) {
  const Scratch scratch;
  const double nothing = std::nan("");
  BOOST_TEST(drawn(
      write_curves(scratch.folder(), {{1, nothing, 0.1, 0.1, 1}, {2, nothing, 0.1, 0.1, 1}}, "loss is NaN")));
  BOOST_TEST(drawn(write_curves(scratch.folder(), {{1, nothing, nothing, nothing, 0}}, "nothing at all")));
}

BOOST_AUTO_TEST_CASE(folder_with_a_strange_name, *utf::precondition(has_gnuplot)) {
  const Scratch scratch;
  const std::filesystem::path folder = scratch / "it's `date` \"$HOME\"; rm";
  std::filesystem::create_directory(folder);
  BOOST_TEST(drawn(write_curves(folder, epochs, "title")));
  BOOST_TEST(std::filesystem::exists(folder / "curves.svg"));
}

BOOST_AUTO_TEST_CASE(several_runs_share_a_picture, *utf::precondition(has_gnuplot)) {
  const Scratch scratch;
  const double nothing = std::nan("");
  BOOST_TEST(drawn(write_curves_of_runs(scratch / "runs.png", {{"with `it`", epochs},
                                                               {"cut_short", {epochs[0]}},
                                                               {"not begun", {}},
                                                               {"diverged", {{2, nothing, 0.1, 0.1, 1}}}})));
  BOOST_TEST(scratch.listing() == "runs.png");
  BOOST_TEST((read_gray(scratch / "runs.png").shape() == Shape{420, 1000}));
  BOOST_TEST(!drawn(write_curves_of_runs(scratch / "none.png", {{"not begun", {}}})));
  BOOST_TEST(scratch.listing() == "runs.png");
}

BOOST_AUTO_TEST_CASE(confusion_is_drawn_whatever_the_names, *utf::precondition(has_gnuplot)) {
  const Scratch scratch;
  BOOST_TEST(drawn(
      write_confusion(scratch / "confusion.png", {{7, 0}, {3, 0}}, {"it's", "`date` {_x}"}, "a \"title\"")));
  BOOST_TEST(scratch.listing() == "confusion.png");
  const Tensor picture = read_gray(scratch / "confusion.png");
  BOOST_TEST((picture.shape() == Shape{700, 760}));
  const auto dark =
      std::count_if(picture.pixels(), picture.pixels() + picture.size(), [](int p) { return p < 60; });
  BOOST_TEST(dark > 30'000);  // the two full cells
  BOOST_TEST(drawn(write_confusion(scratch / "empty.png", {{0}}, {"one"}, "nothing at all")));
}

BOOST_AUTO_TEST_CASE(confusion_without_gnuplot_or_names) {
  const Scratch scratch;
  BOOST_CHECK_EXCEPTION(write_confusion(scratch / "c.png", {{1, 2}}, {"a"}, ""), ShapeError,
                        says({"[confusion]"}));
  BOOST_CHECK_EXCEPTION(write_confusion(scratch / "c.png", {{1}}, {}, ""), ShapeError, says({"0 names"}));
  BOOST_CHECK_EXCEPTION(write_confusion(scratch / "c.png", {}, {}, ""), ShapeError, says({"0 rows"}));
  const Path path(scratch.folder().string());
  BOOST_TEST(!drawn(write_confusion(scratch / "c.png", {{1}}, {"a"}, "")));
  BOOST_TEST(scratch.listing().empty());
}

BOOST_AUTO_TEST_CASE(no_epochs_no_picture) {
  const Scratch scratch;
  BOOST_TEST(!drawn(write_curves(scratch.folder(), {}, "none")));
  BOOST_TEST(scratch.listing().empty());
}

BOOST_AUTO_TEST_CASE(absent_gnuplot_is_no_failure) {
  const Scratch scratch;
  const Path path(scratch.folder().string());
  BOOST_TEST(!drawn(write_curves(scratch.folder(), epochs, "title")));
  BOOST_TEST(scratch.listing().empty());
}

BOOST_AUTO_TEST_CASE(the_name_says_what_is_drawn, *utf::precondition(has_gnuplot)) {
  const Scratch scratch;
  const std::vector<NamedCurve> runs{{"a run", epochs}};
  for (const char* name : {"p.png", "P.PNG"}) {
    BOOST_TEST(drawn(write_curves_of_runs(scratch / name, runs)));
    BOOST_TEST(get(scratch / name).starts_with("\x89PNG"), name);
  }
  for (const char* name : {"p.svg", "p.x.SVG"}) {
    BOOST_TEST(drawn(write_curves_of_runs(scratch / name, runs)));
    BOOST_TEST(get(scratch / name).find("</svg>") != std::string::npos, name);
  }
  for (const char* name : {"p.pdf", "p", "png", ".png", "p.png.gz"}) {
    BOOST_CHECK_EXCEPTION(write_curves_of_runs(scratch / name, runs), UsageError,
                          says({name, "so that it ends in .png or .svg"}));
  }
}

BOOST_AUTO_TEST_CASE(why_there_is_no_picture_is_said) {
  const Scratch programs;
  const Scratch scratch;
  const Path path(programs.folder().string());
  const auto why = [&](const std::string& script) {
    put_gnuplot(programs, script);
    return write_curves(scratch.folder(), epochs, "title").why_not;
  };
  BOOST_TEST(write_curves(scratch.folder(), epochs, "title").why_not ==
             "gnuplot was not found (apt-get install gnuplot-nox)");
  BOOST_TEST(why("exit 3") == "gnuplot failed with exit code 3");
  BOOST_TEST(why("kill -9 $$") == "gnuplot failed: signal 9 ended it");
  BOOST_TEST(why("exit 0") == "gnuplot failed: it drew nothing");
  BOOST_TEST(why("printf '\\n         ^\\nline 3: unknown\\tterminal\\nmore' >&2; exit 1") ==
             "gnuplot failed: line 3: unknown terminal");
  put(programs / "gnuplot", "not a program");
  const std::string no_program = write_curves(scratch.folder(), epochs, "title").why_not;
  BOOST_TEST(
      no_program.starts_with("gnuplot (" + (programs / "gnuplot").string() + ") could not be started: "),
      no_program);
  std::filesystem::permissions(programs / "gnuplot", std::filesystem::perms::owner_read);
  BOOST_TEST(write_curves(scratch.folder(), epochs, "title").why_not ==
             "gnuplot was not found (apt-get install gnuplot-nox)");
  BOOST_TEST(scratch.listing().empty());
}

BOOST_AUTO_TEST_CASE(gnuplot_that_hangs_costs_its_time_once) {
  const Scratch programs;
  const Scratch scratch;
  const Path path(programs.folder().string());
  put_gnuplot(programs, "/bin/sleep 1000");  // a child of its own, which must go with it
  const auto started = std::chrono::steady_clock::now();
  BOOST_TEST(draw_with_gnuplot(scratch / "a.png", "", std::chrono::milliseconds(300)).why_not ==
             "gnuplot (" + (programs / "gnuplot").string() + ") did not end and was stopped");
  BOOST_TEST(write_curves(scratch.folder(), epochs, "title").why_not ==
             "gnuplot (" + (programs / "gnuplot").string() + ") did not end before and was not tried again");
  BOOST_TEST(!drawn(write_confusion(scratch / "c.png", {{1}}, {"a"}, "")));
  BOOST_TEST((std::chrono::steady_clock::now() - started < std::chrono::seconds(8)));
  BOOST_TEST(scratch.listing().empty());
  const Scratch others;
  const Path other(others.folder().string());
  put_gnuplot(others, "echo picture");
  BOOST_TEST(drawn(write_curves(scratch.folder(), epochs, "title")));
}

BOOST_AUTO_TEST_CASE(gnuplot_that_reads_nothing_kills_nobody) {
  const Scratch programs;
  const Scratch scratch;
  const Path path(programs.folder().string());
  const std::vector<EpochRecord> many(10'000, epochs[0]);  // more than a pipe holds
  put_gnuplot(programs, "exit 1");
  BOOST_TEST(!drawn(write_curves(scratch.folder(), many, "title")));
  put_gnuplot(programs, "exit 0");
  BOOST_TEST(!drawn(write_curves(scratch.folder(), many, "title")));
  put_gnuplot(programs, "kill -9 $$");
  BOOST_TEST(!drawn(write_curves(scratch.folder(), many, "title")));
  BOOST_TEST(scratch.listing().empty());
}

BOOST_AUTO_TEST_CASE(half_a_picture_never_replaces_a_whole_one) {
  const Scratch programs;
  const Scratch scratch;
  const Path path(programs.folder().string());
  put(scratch / "curves.png", "whole");
  put_gnuplot(programs, "echo half; exit 1");
  BOOST_TEST(!drawn(write_curves(scratch.folder(), epochs, "title")));
  BOOST_TEST(get(scratch / "curves.png") == "whole");
  put_gnuplot(programs, "echo picture");
  BOOST_TEST(drawn(write_curves(scratch.folder(), epochs, "title")));
  BOOST_TEST(get(scratch / "curves.png") == "picture\n");
  BOOST_TEST(scratch.listing() == "curves.png curves.svg");
}

BOOST_AUTO_TEST_CASE(unwritable_folder_is_named) {
  const Scratch scratch;
  BOOST_CHECK_EXCEPTION(write_curves(scratch / "none", epochs, "title"), DataError,
                        says({"none/curves.png", "does not exist"}));
}

BOOST_AUTO_TEST_SUITE_END()
