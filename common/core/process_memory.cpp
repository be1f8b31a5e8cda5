// SPDX-License-Identifier: MIT
#include "common/core/process_memory.hpp"

#if defined(__linux__)
#include <sys/resource.h>
#endif

#include <algorithm>
#include <charconv>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace cnn {
namespace {

namespace fs = std::filesystem;

constexpr Index unlimited = Index{1} << 60;  // version 1 writes nearly 2^63 for "no limit"

/// The first number of a text; none if it begins with something else, such as "max".
std::optional<Index> first_number(std::string_view text) {
  Index number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc{} ? std::optional(number) : std::nullopt;
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

/// The number behind a name at the beginning of a line; `separator` stands between them.
std::optional<Index> field(std::string_view text, std::string_view name, char separator) {
  for (std::string_view line : lines_of(text)) {
    if (!line.starts_with(name) || line.size() <= name.size() || line[name.size()] != separator) continue;
    line.remove_prefix(name.size() + 1);
    line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
    return first_number(line);
  }
  return std::nullopt;
}

/// The names that one version of control groups has for its files.
struct GroupFiles {
  const char* limit;
  const char* use;
  const char* dropable;  // in memory.stat
};

void take_least(std::optional<Index>& least, std::optional<Index> other) {
  if (other) least = std::min(least.value_or(*other), *other);
}

std::optional<Index> room_of(const fs::path& group, const GroupFiles& files) {
  const std::optional<Index> limit = first_number(system_file(group / files.limit));
  if (!limit || *limit >= unlimited) return std::nullopt;
  const Index use = first_number(system_file(group / files.use)).value_or(0);
  const Index dropable = field(system_file(group / "memory.stat"), files.dropable, ' ').value_or(0);
  return std::max<Index>(0, *limit - use + std::min(use, dropable));
}

/// In a container the path may be one that only the machine around it sees: groups that are not there are passed over.
std::optional<Index> least_room(const fs::path& mounted, std::string_view path, const GroupFiles& files) {
  std::optional<Index> least = room_of(mounted, files);
  fs::path group = mounted;
  for (const fs::path& part : fs::path(path).relative_path()) {
    group /= part;
    take_least(least, room_of(group, files));
  }
  return least;
}

std::optional<Index> address_space_room(Index addresses) {
#if defined(__linux__)
  rlimit limit{};
  if (::getrlimit(RLIMIT_AS, &limit) == 0 && limit.rlim_cur < static_cast<rlim_t>(unlimited))
    return std::max<Index>(0,
                           static_cast<Index>(limit.rlim_cur) - process_memory().address_space - addresses);
#else
  static_cast<void>(addresses);
#endif
  return std::nullopt;
}

}  // namespace

std::optional<Index> memory_field(std::string_view text, std::string_view name) {
  const std::optional<Index> kib = field(text, name, ':');
  return kib ? std::optional(*kib * 1024) : std::nullopt;
}

std::optional<Index> cgroup_memory_left(const fs::path& mounted, std::string_view groups) {
  std::optional<Index> least;
  for (const std::string_view line : lines_of(groups)) {  // "4:memory:/path", and "0::/path" for version 2
    const std::size_t first = line.find(':');
    const std::size_t second = first == line.npos ? first : line.find(':', first + 1);
    if (second == line.npos) continue;
    const std::string_view controllers = line.substr(first + 1, second - first - 1);
    const std::string_view path = line.substr(second + 1);
    if (controllers.empty())
      take_least(least, least_room(mounted, path, {"memory.max", "memory.current", "inactive_file"}));
    if (controllers == "memory")
      take_least(least,
                 least_room(mounted / "memory", path,
                            {"memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"}));
  }
  return least;
}

std::string system_file(const fs::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

ProcessMemory process_memory() {
  const std::string status = system_file("/proc/self/status");
  return {.resident = memory_field(status, "VmRSS").value_or(0),
          .peak = memory_field(status, "VmHWM").value_or(0),
          .address_space = memory_field(status, "VmSize").value_or(0)};
}

std::optional<Index> available_memory(Index addresses) {
  std::optional<Index> least = memory_field(system_file("/proc/meminfo"), "MemAvailable");
  take_least(least, cgroup_memory_left("/sys/fs/cgroup", system_file("/proc/self/cgroup")));
  take_least(least, address_space_room(addresses));
  return least;
}

}  // namespace cnn
