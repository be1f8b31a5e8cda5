// SPDX-License-Identifier: MIT

// What a file of options means.

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <fstream>

#include "common/core/check.hpp"
#include "common/train/options.hpp"
#include "tests/support/temporary_folder.hpp"

using namespace cnn;

BOOST_AUTO_TEST_SUITE(config)

namespace {

/// The options of a program with `--config` and more arguments.
Options parsed(const std::string& file, std::vector<std::string> more = {}) {
  const test::TemporaryFolder folder;
  const std::string path = (folder / "a file.toml").string();
  std::ofstream(path, std::ios::binary) << file;
  std::vector<std::string> arguments{"test", "--config", path};
  arguments.insert(arguments.end(), more.begin(), more.end());
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  const TrainingChapter chapter{{"5.0", "test", "00_test", "Nothing"}, {}, {}, {}, "quick", {}};
  return parse_options(static_cast<int>(argv.size()), argv.data(), chapter).options;
}

/// A line, and the path that --save gets from it.
struct Line {
  std::string text;
  std::string save;
};

std::ostream& operator<<(std::ostream& out, const Line& line) { return out << line.text; }

const std::vector<Line> lines{{"save=my weights.safetensors", "my weights.safetensors"},
                              {"  save =  my  own weights  ", "my  own weights"},
                              {"save = \"my weights\"", "my weights"},
                              {"save = 'my weights' # where they go", "my weights"},
                              {"save = my weights # where they go", "my weights"},
                              {"save = run#2, second/w", "run#2, second/w"},
                              {"save = \"a # b\"", "a # b"},
                              {"save = it's \"mine\"", "it's \"mine\""},
                              {"save = 'it's mine'", "it's mine"},
                              {"save = \"a\" and \"b", "\"a\" and \"b"},
                              {"save = [1, 2]/w", "[1, 2]/w"},
                              {"save = a=b", "a=b"},
                              {"save = w\r", "w"}};

}  // namespace

BOOST_DATA_TEST_CASE(a_value_is_the_rest_of_its_line, boost::unit_test::data::make(lines), line) {
  const Options o =
      parsed("# what for\n[default]\nseed = 7\n" + line.text + "\n; the end\n\nbatch-size = 3\n");
  BOOST_TEST(o.save.string() == line.save);
  BOOST_TEST(o.seed == 7u);
  BOOST_TEST(o.batch_size == 3);
}

BOOST_AUTO_TEST_CASE(the_last_of_two_lines_counts_and_the_command_line_before_both) {
  const std::string file = "save = a b\nseed = 1\nsave = c d\nseed = 2";
  BOOST_TEST(parsed(file).save == "c d");
  BOOST_TEST(parsed(file).seed == 2u);
  BOOST_TEST(parsed(file, {"--save", "e f"}).save == "e f");
}

BOOST_AUTO_TEST_CASE(flags_need_no_value) {
  BOOST_TEST(parsed("overwrite").overwrite);
  BOOST_TEST(parsed("overwrite # a former run").overwrite);
  BOOST_TEST(parsed("overwrite = true").overwrite);
  BOOST_TEST(!parsed("overwrite = false").overwrite);
}

BOOST_AUTO_TEST_CASE(wrong_lines_are_named) {
  const auto names = [](const std::string& text) {
    return [text](const UsageError& e) { return std::string(e.what()).find(text) != std::string::npos; };
  };
  BOOST_CHECK_EXCEPTION(parsed("epoch = 2"), UsageError, names("epoch"));
  BOOST_CHECK_EXCEPTION(parsed("[lenet]\nepochs = 2"), UsageError, names("[lenet]"));
  BOOST_CHECK_EXCEPTION(parsed("epochs = 2 3"), UsageError, names("'2 3' is not a whole number"));
}

BOOST_AUTO_TEST_SUITE_END()
