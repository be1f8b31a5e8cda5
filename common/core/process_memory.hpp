// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "common/core/shape.hpp"

namespace cnn {

/// Memory of this process, in bytes; zeros where the system does not tell.
struct ProcessMemory {
  Index resident = 0;       ///< in the machine's memory now
  Index peak = 0;           ///< most that was resident at a time
  Index address_space = 0;  ///< addresses handed out, which is what `ulimit -v` counts
};

/// \return what /proc/self/status says
ProcessMemory process_memory();

/// How much more memory this process can take: the least of what the machine has left, what the limits of its control groups
/// (containers have them) leave, and what `ulimit -v` leaves.
/// \param addresses  bytes that will be handed out without being used, which matters for `ulimit -v` only
/// \return           bytes; none if nothing of that is known
std::optional<Index> available_memory(Index addresses = 0);

/// \param path  a file that the system makes up, such as /proc/meminfo
/// \return      its content; empty if there is no such file
std::string system_file(const std::filesystem::path& path);

/// Finds a line such as "MemAvailable:   1234 kB" in a file of /proc.
/// \param text  content of the file
/// \param name  "MemAvailable"
/// \return      the number, in bytes; none if there is no such line
std::optional<Index> memory_field(std::string_view text, std::string_view name);

/// What the control groups of a process leave it: the least over its group and those around it of limit less use, where files
/// that the system can drop from memory do not count as use.
/// \param mounted  folder where the groups are, /sys/fs/cgroup
/// \param groups   content of /proc/self/cgroup; version 1 and 2 are understood
/// \return         bytes, not below 0; none if there is no limit
std::optional<Index> cgroup_memory_left(const std::filesystem::path& mounted, std::string_view groups);

}  // namespace cnn
