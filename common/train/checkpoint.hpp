// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "common/io/safetensors.hpp"
#include "common/train/position.hpp"

namespace cnn {

/// A position, what goes with it, where the files of the run stood, and by what data they can be told from another run's.
struct Checkpoint {
  Position position{};                 ///< where the training stands
  Index metrics_bytes = 0;             ///< length of metrics.jsonl
  std::string rung{};                  ///< backend and instruction set that made the numbers so far
  Index train_images = 0;              ///< how many images an epoch goes through
  std::vector<std::string> classes{};  ///< what the network tells apart, in the order of its outputs
  io::NamedTensors model{};            ///< parameters and buffers
  io::NamedTensors optimizer{};        ///< moments and counters
};

/// The checkpoints of a run: two generations, written in turns, and a file `latest` that names the whole one. A kill at any
/// instant leaves `latest` naming a generation that was complete before.
class CheckpointStore {
 public:
  /// \param folder   checkpoint/ of a run, made when the first is saved
  /// \param chapter  name of the network, checked when loading
  CheckpointStore(std::filesystem::path folder, std::string chapter);

  /// Writes the generation that is not the latest, then renames `latest` into place.
  /// \param checkpoint  what to save
  /// \throws DataError  the disk is full or the folder unwritable; the former checkpoint is still whole
  void save(const Checkpoint& checkpoint);

  /// \return the latest checkpoint, or nothing if none was finished
  /// \throws DataError  it is damaged, of another version or of another network
  std::optional<Checkpoint> load() const;

 private:
  std::optional<int> latest() const;

  std::filesystem::path folder_;
  std::string chapter_;
};

}  // namespace cnn
