// SPDX-License-Identifier: MIT
#pragma once

#include <functional>

#include "common/train/run.hpp"

namespace cnn {

/// The main() of 5.5 to 5.12: reads the options, makes the run, calls the body, turns exceptions into one clear message.
/// \param argc     from main()
/// \param argv     from main()
/// \param chapter  the section with its presets
/// \param body     data, model, optimizer, training: each one visible statement
/// \return         exit code: 0 done, 1 failed, 2 wrong usage, 128 + signal when interrupted
int run_chapter(int argc, char** argv, const TrainingChapter& chapter, const std::function<void(Run&)>& body);

}  // namespace cnn
