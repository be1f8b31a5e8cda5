// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "common/nn/module.hpp"
#include "common/train/options.hpp"

namespace cnn {

/// The folder a run writes to, and nobody else while the run goes on: it is locked for the life of this object.
class RunFolder {
 public:
  /// Makes the folder, or takes the next free number below runs/ (below CNN_ROOT if that is set, else below the current folder).
  /// \param folder     where; empty for the next free one
  /// \param chapter    folder of the chapter, "05_lenet"
  /// \param overwrite  whether a former run may be replaced
  /// \return           the folder, locked
  /// \throws UsageError  the folder holds a run, or is a file
  /// \throws DataError   it cannot be made or written to, or another process is training in it
  static RunFolder create(const std::filesystem::path& folder, const std::string& chapter, bool overwrite);

  /// Opens the folder of an interrupted run.
  /// \param folder  where
  /// \return        the folder, locked
  /// \throws DataError  it cannot be written to, or another process is training in it
  static RunFolder open(const std::filesystem::path& folder);

  ~RunFolder();
  RunFolder(RunFolder&& other) noexcept;
  RunFolder& operator=(RunFolder&&) = delete;
  RunFolder(const RunFolder&) = delete;
  RunFolder& operator=(const RunFolder&) = delete;

  /// \return the folder
  const std::filesystem::path& path() const noexcept { return path_; }

 private:
  explicit RunFolder(std::filesystem::path path);

  std::filesystem::path path_;
  int lock_ = -1;
};

/// Checks early what RunFolder::create() would refuse, before data are read; makes nothing.
/// \param folder     where; empty is always fine
/// \param overwrite  whether a former run may be replaced
/// \throws UsageError  the folder holds a run, or is a file
void check_run_folder(const std::filesystem::path& folder, bool overwrite);

/// Checks before a long run that a file can be saved where --save or --dump says.
/// \param file  where; empty is always fine
/// \throws DataError  as io::AtomicFile: the folder is missing or not writable, the name too long, or that of a folder or device
void check_save_path(const std::filesystem::path& file);

/// Writes run.json: every option, what the network costs, version, compiler, CPU, rung.
/// \param folder   run folder
/// \param options  the run's options
/// \param chapter  the program
/// \param cost     of one image through the network, if it is known
/// \throws DataError  the file cannot be written
void write_run_json(const std::filesystem::path& folder, const Options& options, const Chapter& chapter,
                    const std::optional<nn::Cost>& cost = {});

/// Reads the options of a run back from its run.json.
/// \param folder   run folder
/// \param chapter  the program that wants to go on with it
/// \return         its options
/// \throws DataError  no run there, or its run.json is damaged
/// \throws UsageError  it is of another program or another version
Options read_run_options(const std::filesystem::path& folder, const TrainingChapter& chapter);

}  // namespace cnn
