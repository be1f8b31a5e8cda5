// SPDX-License-Identifier: MIT
#include "common/core/process_memory.hpp"

#include <boost/test/unit_test.hpp>

#include <fstream>
#include <string>
#include <vector>

#include "tests/support/temporary_folder.hpp"

using namespace cnn;
namespace fs = std::filesystem;

BOOST_AUTO_TEST_SUITE(process_memory_suite)

namespace {

void write(const fs::path& path, const std::string& text) {
  fs::create_directories(path.parent_path());
  std::ofstream(path) << text;
}

}  // namespace

BOOST_AUTO_TEST_CASE(field_of_proc_is_found_and_in_bytes) {
  const std::string text =
      "MemTotal:       16384000 kB\nMemFree: 1 kB\nMemAvailable:\t 2048 kB\nHugePages_Total:  0\n";
  BOOST_TEST(memory_field(text, "MemTotal").value() == Index{16384000} * 1024);
  BOOST_TEST(memory_field(text, "MemAvailable").value() == 2048 * 1024);
  BOOST_TEST(memory_field("MemAvailable: 3 kB", "MemAvailable").value() == 3 * 1024);  // no end of line
  BOOST_TEST(!memory_field(text, "Mem"));
  BOOST_TEST(!memory_field(text, "VmHWM"));
  BOOST_TEST(!memory_field("MemAvailable: a lot", "MemAvailable"));
  BOOST_TEST(!memory_field("MemAvailable:", "MemAvailable"));
  BOOST_TEST(!memory_field("", "MemAvailable"));
}

BOOST_AUTO_TEST_CASE(version_2_takes_the_tightest_of_the_groups_around) {
  const test::TemporaryFolder folder;
  write(folder / "a/memory.max", "1000\n");
  write(folder / "a/memory.current", "700\n");
  write(folder / "a/memory.stat", "anon 400\nactive_file 5\ninactive_file 300\n");
  write(folder / "a/b/memory.max", "max\n");
  write(folder / "a/b/memory.current", "650\n");
  BOOST_TEST(cgroup_memory_left(folder.path(), "0::/a/b\n").value() == 600);
  write(folder / "a/b/memory.max", "900\n");
  BOOST_TEST(cgroup_memory_left(folder.path(), "0::/a/b\n").value() == 250);
  write(folder / "a/b/memory.current", "950\n");
  BOOST_TEST(cgroup_memory_left(folder.path(), "0::/a/b\n").value() == 0);
}

BOOST_AUTO_TEST_CASE(version_1_has_a_folder_and_names_of_its_own) {
  const test::TemporaryFolder folder;
  const std::string groups = "9:name=systemd:/x\n4:memory:/job\n3:cpuset:/\n0::/\n";
  write(folder / "memory/memory.limit_in_bytes", "9223372036854771712\n");  // no limit
  write(folder / "memory/memory.usage_in_bytes", "5000\n");
  BOOST_TEST(!cgroup_memory_left(folder.path(), groups));
  write(folder / "memory/job/memory.limit_in_bytes", "2000\n");
  write(folder / "memory/job/memory.usage_in_bytes", "1500\n");
  write(folder / "memory/job/memory.stat", "inactive_file 1\ntotal_inactive_file 100\n");
  BOOST_TEST(cgroup_memory_left(folder.path(), groups).value() == 600);
}

BOOST_AUTO_TEST_CASE(a_container_sees_its_own_group_at_the_top) {
  const test::TemporaryFolder folder;
  write(folder / "memory.max", "4096\n");
  write(folder / "memory.current", "96\n");
  BOOST_TEST(cgroup_memory_left(folder.path(), "0::/docker/0123\n").value() == 4000);
}

BOOST_AUTO_TEST_CASE(no_groups_no_limit) {
  const test::TemporaryFolder folder;
  for (const char* groups : {"", "0::/\n", "garbage\n", "4:memory:/job"})
    BOOST_TEST(!cgroup_memory_left(folder.path(), groups));
}

BOOST_AUTO_TEST_CASE(this_process_is_measured) {
  const std::vector<char> touched(std::size_t{64} << 20, 1);
  const ProcessMemory now = process_memory();
  BOOST_TEST(now.resident > Index{64} << 20);
  BOOST_TEST(now.peak >= now.resident);
  BOOST_TEST(now.address_space > now.resident);
  BOOST_TEST(available_memory().value() > 0);
  BOOST_TEST(touched.back() == 1);
}

BOOST_AUTO_TEST_SUITE_END()
