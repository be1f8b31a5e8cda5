// SPDX-License-Identifier: MIT
// The table of finished runs, and the program that prints it.
#include "common/train/comparison.hpp"

#include <boost/test/unit_test.hpp>
#include <limits>
#include <nlohmann/json.hpp>

#include "common/core/check.hpp"
#include "common/nn/flatten.hpp"
#include "common/nn/linear.hpp"
#include "common/nn/sequential.hpp"
#include "common/train/run.hpp"
#include "tests/support/program.hpp"

using namespace cnn;
namespace fs = std::filesystem;

BOOST_AUTO_TEST_SUITE(comparison)

namespace {

const TrainingChapter vgg{.chapter = {.section = "5.7", .name = "vgg", .folder = "07_vgg", .title = "VGG"},
                          .smoke = {},
                          .quick = {},
                          .book = {}};

void write(const fs::path& file, const std::string& text) {
  fs::create_directories(file.parent_path());
  std::ofstream(file, std::ios::binary) << text;
}

/// A run of two epochs, one of them finished.
void write_run(const fs::path& folder) {
  write(
      folder / "run.json",
      R"({"section": "5.5", "name": "lenet", "preset": "book", "epochs": 2, "parameters": 44426, "macs": 281640})");
  write(folder / "metrics.jsonl",
        R"({"type":"step","epoch":1,"step":1,"loss":2.37,"correct":1,"examples":8,"seconds":0.5})"
        "\n"
        R"({"type":"epoch","epoch":1,"loss":1.25,"train_accuracy":0.5,"test_accuracy":0.625,"seconds":3.25})"
        "\n");
}

bool says(const std::exception& e, const std::string& words) {
  return std::string(e.what()).find(words) != std::string::npos;
}

test::Finished compare(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), CNN_COMPARE);
  return test::run_program(arguments);
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_run_notes_what_its_network_costs) {
  const test::TemporaryFolder folder;
  Options options;
  options.preset = "quick";
  options.out = folder / "run";
  options.image_size = 2;
  options.extra = {{"ratio", "8"}};
  Run run(vgg, options);
  Rng rng(0);
  const nn::Sequential net{{"", nn::Flatten{}}, {"fc", nn::Linear{4, 3, rng}}};
  run.describe(net);
  run.folder();
  const RunResult result = read_run_result(folder / "run");
  BOOST_TEST(result.section == "5.7");
  BOOST_TEST(result.network == "vgg (ratio 8)");
  BOOST_TEST(result.preset == "quick");
  BOOST_TEST(result.parameters.value() == 15);
  BOOST_TEST(result.macs.value() == 12);  // of one image
  BOOST_TEST(result.epochs.empty());
}

BOOST_AUTO_TEST_CASE(numbers_come_from_the_files_of_the_run) {
  const test::TemporaryFolder folder;
  write_run(folder / "run");
  const RunResult result = read_run_result(folder / "run");
  BOOST_TEST(result.network == "lenet");
  BOOST_TEST(result.parameters.value() == 44426);
  BOOST_TEST(result.macs.value() == 281640);
  BOOST_TEST(result.planned_epochs == 2);
  BOOST_TEST_REQUIRE(result.epochs.size() == 1U);
  BOOST_TEST(result.epochs[0].test_accuracy == 0.625);
}

BOOST_AUTO_TEST_CASE(table_has_exactly_these_lines) {
  const RunResult whole{
      .run = "runs/07_vgg/1",
      .section = "5.7",
      .network = "vgg (ratio 8)",
      .preset = "quick",
      .parameters = 2018346,
      .macs = 121091072,
      .planned_epochs = 2,
      .epochs = {{1, 1.9, 0.25, 0.5, 60}, {2, 0.75, 0.71875, 0.75, 61.25, Index{1536} << 20}}};
  const RunResult begun{.run = "runs/05_lenet/12",
                        .section = "5.5",
                        .network = "lenet",
                        .preset = "book",
                        .parameters = {},
                        .macs = {},
                        .planned_epochs = 5,
                        .epochs = {}};
  BOOST_TEST(comparison_table({whole, begun}) ==
             "run               section  network        preset  parameters         MACs  epochs    loss  "
             "train acc  test acc  seconds  peak MiB\n"
             "runs/07_vgg/1     5.7      vgg (ratio 8)  quick    2,018,346  121,091,072       2  0.7500  "
             "    0.719     0.750    121.2      1536\n"
             "runs/05_lenet/12  5.5      lenet          book             -            -  0 of 5       -  "
             "        -         -        -         -\n");
  const std::string markdown = comparison_table({begun}, true);
  BOOST_TEST(markdown.starts_with("| run              | section | network | preset | parameters | MACs |"));
  BOOST_TEST(markdown.find("\n|------------------|---------|---------|--------|-----------:|-----:|") !=
             std::string::npos);
  BOOST_TEST(markdown.ends_with("|         - |        - |       - |        - |\n"));
}

BOOST_AUTO_TEST_CASE(a_folder_of_runs_means_all_of_them) {
  const test::TemporaryFolder folder;
  for (const char* name : {"05_lenet/10", "05_lenet/9", "05_lenet/last", "07_vgg/1"})
    write_run(folder / name);
  write(folder / "01_conv_layer/1/edges.png", "a picture");
  const std::vector<fs::path> lenets{folder / "05_lenet/9", folder / "05_lenet/10", folder / "05_lenet/last"};
  BOOST_TEST((find_runs(folder / "05_lenet") == lenets));
  BOOST_TEST(find_runs(folder.path()).size() == 4U);
  BOOST_TEST((find_runs(folder / "07_vgg/1") == std::vector<fs::path>{folder / "07_vgg/1"}));
  BOOST_TEST(find_runs(folder / "01_conv_layer").empty());
}

BOOST_AUTO_TEST_CASE(damaged_files_are_named) {
  const test::TemporaryFolder folder;
  write(folder / "run/run.json", R"({"section": "5.5"})");
  BOOST_CHECK_EXCEPTION(read_run_result(folder / "run"), DataError,
                        [](const DataError& e) { return says(e, "run.json does not say 'name'"); });
  write(folder / "run/run.json", "{");
  BOOST_CHECK_EXCEPTION(read_run_result(folder / "run"), DataError,
                        [](const DataError& e) { return says(e, "run.json: it is not JSON"); });
  write_run(folder / "run");
  write(folder / "run/metrics.jsonl", "nonsense\n");
  BOOST_CHECK_EXCEPTION(read_run_result(folder / "run"), DataError,
                        [](const DataError& e) { return says(e, "line 1 of"); });
}

BOOST_AUTO_TEST_CASE(program_prints_the_table) {
  const test::TemporaryFolder folder;
  write_run(folder / "runs/05_lenet/1");
  write(folder / "runs/01_conv_layer/1/edges.png", "a picture");
  const auto all = compare({(folder / "runs/01_conv_layer").string(), (folder / "runs/05_lenet/").string()});
  BOOST_TEST_REQUIRE(all.code == 0, all.errors);
  BOOST_TEST(all.output.find("44,426  281,640  1 of 2  1.2500      0.500     0.625      3.2         -\n") !=
                 std::string::npos,
             all.output);
  BOOST_TEST(all.errors.starts_with("warning: "));
  BOOST_TEST(all.errors.find("01_conv_layer holds no training run") != std::string::npos, all.errors);
  const auto markdown = compare({"--markdown", (folder / "runs").string()});
  BOOST_TEST(markdown.code == 0);
  BOOST_TEST(markdown.output.starts_with("| run"));
}

BOOST_AUTO_TEST_CASE(program_leaves_out_damaged_runs) {
  const test::TemporaryFolder folder;
  const std::string runs = (folder / "runs").string();
  for (const char* name : {"1", "2", "3", "4", "5"})
    write_run(folder / ("runs/05_lenet/" + std::string(name)));
  write(folder / "runs/05_lenet/2/run.json", "{");
  write(folder / "runs/05_lenet/3/metrics.jsonl", "nonsense\n");
  write(folder / "runs/05_lenet/4/run.json", R"({"section": "5.5"})");
  const auto all = compare({runs});
  BOOST_TEST_REQUIRE(all.code == 0, all.errors);
  BOOST_TEST(std::count(all.output.begin(), all.output.end(), '\n') == 3);  // heads, 1 and 5
  BOOST_TEST_CONTEXT(all.errors) {
    BOOST_TEST(std::count(all.errors.begin(), all.errors.end(), '\n') == 3);
    for (const char* run : {"05_lenet/2/run.json", "05_lenet/3/metrics.jsonl", "05_lenet/4/run.json"})
      BOOST_TEST(all.errors.find(run) != std::string::npos, run);
  }
  const auto one = compare({runs + "/05_lenet/2"});  // nothing is left: an error, not an empty table
  BOOST_TEST(one.code == 1);
  BOOST_TEST(one.errors.starts_with("error: "), one.errors);
  BOOST_TEST(one.output.empty());
  const auto none = compare({runs + "/05_lenet/2", runs + "/05_lenet/3"});
  BOOST_TEST(none.code == 1);
  BOOST_TEST(none.errors.find("error: [compare] none of these folders") != std::string::npos, none.errors);
}

BOOST_AUTO_TEST_CASE(program_draws_what_the_name_says) {
  const test::TemporaryFolder folder;
  write_run(folder / "runs/05_lenet/1");
  const std::string runs = (folder / "runs").string();
  const auto refused = compare({runs, "--plot", (folder / "p.pdf").string()});
  BOOST_TEST(refused.code == 2);
  BOOST_TEST(refused.errors.find("p.pdf so that it ends in .png or .svg") != std::string::npos,
             refused.errors);
  BOOST_TEST(refused.output.empty());
  BOOST_TEST(compare({runs, "--plot", ""}).code == 2);
  if (std::system("command -v gnuplot > /dev/null 2>&1") != 0) return;
  BOOST_TEST(compare({runs, "--plot", (folder / "p.svg").string()}).code == 0);
  BOOST_TEST(test::read_text(folder / "p.svg").find("<svg") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_page_shows_where_runs_differ) {
  const auto run = [](const std::string& folder, const std::string& network, std::int64_t seed, double loss) {
    return RunResult{.run = folder,
                     .section = "5.5",
                     .network = network,
                     .preset = "book",
                     .parameters = {},
                     .macs = {},
                     .planned_epochs = 1,
                     .epochs = {{1, loss, 0.5, 0.625, 2}},
                     .info = {{"preset", std::string("book")}, {"seed", seed}, {"macs", seed}}};
  };
  const auto holds = [](const std::string& page, const std::string& part) {
    return page.find(part) != std::string::npos;
  };
  const double nothing = std::numeric_limits<double>::quiet_NaN();
  std::vector<RunResult> runs{run("runs/1", "lenet", 0, 1.5), run("runs/</script>", "lenet", 7, nothing),
                              run("runs/3", "nin", 0, 2)};
  runs[2].info.emplace_back("--layer", std::string("none"));
  const std::string page = comparison_page(runs);
  const std::string start = "id=\"charts\">";
  const std::size_t from = page.find(start) + start.size();
  const nlohmann::json charts = nlohmann::json::parse(page.substr(from, page.find("</script>", from) - from));
  BOOST_TEST_REQUIRE(charts.size() == 3U);
  BOOST_TEST_REQUIRE(charts[0]["series"].size() == 3U);
  BOOST_TEST(charts[0]["series"][0]["name"] == "lenet, runs/1");
  BOOST_TEST(charts[0]["series"][1]["name"] == "lenet, runs/</script>");
  BOOST_TEST(charts[0]["series"][2]["name"] == "nin");
  BOOST_TEST(charts[0]["series"][0]["y"][0] == 1.5);
  BOOST_TEST(charts[0]["series"][1]["y"][0].is_null());
  BOOST_TEST(charts[2]["series"][2]["y"][0] == 0.625);
  BOOST_TEST(
      holds(page, "<th scope=\"row\" class=\"t\">seed</th><td class=\"t\">0</td><td class=\"t\">7</td>"));
  BOOST_TEST(holds(page,
                   "<th scope=\"row\" class=\"t\">--layer</th><td class=\"t\">-</td><td class=\"t\">-</td>"
                   "<td class=\"t\">none</td>"));
  BOOST_TEST(!holds(page, ">preset</th><td"));  // all have the same
  BOOST_TEST(!holds(page, ">macs</th><td"));
  BOOST_TEST(holds(page, "runs/&lt;/script&gt;"));
  BOOST_TEST(holds(comparison_page({runs[0], runs[0]}), "Nothing: all of run.json is the same."));
  RunResult begun = runs[0];
  begun.epochs.clear();
  const std::string empty = comparison_page({begun});
  BOOST_TEST(!holds(empty, "<h2>Curves"));
  BOOST_TEST(!holds(empty, "<h2>Epochs"));
  BOOST_TEST(holds(empty, "<title>1 run</title>"));
}

BOOST_AUTO_TEST_CASE(program_writes_the_page) {
  const test::TemporaryFolder folder;
  write_run(folder / "runs/05_lenet/1");
  const std::string runs = (folder / "runs").string(), page = (folder / "page.html").string();
  const auto written = compare({runs, "--html", page});
  BOOST_TEST_REQUIRE(written.code == 0, written.errors);
  BOOST_TEST(written.output.ends_with("wrote " + page + "\n"), written.output);
  BOOST_TEST(test::read_text(page).find("<h2>Curves</h2>") != std::string::npos);
  BOOST_TEST(compare({runs, "--html", ""}).code == 2);
  const auto refused = compare({runs, "--html", (folder / "none/page.html").string()});
  BOOST_TEST(refused.code == 1);
  BOOST_TEST(refused.errors.starts_with("error: "), refused.errors);
}

BOOST_AUTO_TEST_CASE(program_refuses_what_holds_no_run) {
  const test::TemporaryFolder folder;
  write(folder / "file", "x");
  const auto refused = [](const std::vector<std::string>& arguments, int code, const std::string& words) {
    const auto run = compare(arguments);
    BOOST_TEST(run.code == code, run.errors);
    BOOST_TEST(run.errors.starts_with("error: "), run.errors);
    BOOST_TEST(run.errors.find(words) != std::string::npos, run.errors);
    BOOST_TEST(run.output.empty());
  };
  refused({}, 2, "RUN is required");
  refused({"--nonsense", folder.path().string()}, 2, "--nonsense");
  refused({(folder / "none").string()}, 1, "there is no ");
  refused({(folder / "file").string()}, 1, "is a file; name the folder of the run");
  refused({folder.path().string()}, 1, "holds no training run: no run.json is in it");
}

BOOST_AUTO_TEST_SUITE_END()
