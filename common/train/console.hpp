// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <string>

#include "common/io/metrics.hpp"
#include "common/nn/sequential.hpp"
#include "common/nn/summary.hpp"
#include "common/train/checkpoint.hpp"
#include "common/train/memory.hpp"
#include "common/train/run.hpp"

/// What a training run says on the console.
namespace cnn {

/// Prints the layer table, then parameters, operations and memory: what the run costs, before it starts.
/// \param layers  of the network, for one image
/// \param memory  what the run will take
/// \param run     the run
void print_cost(const nn::Summary& layers, const MemoryPlan& memory, const Run& run);

/// Prints what becomes of a batch, child by child, as the book does: "vgg_block_1 output shape: [1, 64, 112, 112]". Computes
/// nothing.
/// \param network  the children, one after the other
/// \param x        shape of the batch
/// \throws ShapeError  the batch does not fit
void print_shapes(const nn::Sequential& network, const Shape& x);

/// Prints "training on cpu (xtensor, 2 threads)".
/// \param run  the run
void print_training_on(const Run& run);

/// Prints the epochs of the interrupted run and where it goes on.
/// \param metrics  its metrics.jsonl
/// \param at       where it goes on
/// \param steps    steps of an epoch
/// \param run      the run
void print_resumed(const std::filesystem::path& metrics, const Position& at, Index steps, const Run& run);

/// Prints the book's line for an epoch; warns if the network has not begun to learn.
/// \param record  the epoch
/// \param run     the run
void print_epoch(const io::EpochRecord& record, const Run& run);

/// Prints how much memory the run has taken.
/// \param bytes  most that was resident at a time; 0 if it is not known
/// \param run    the run
void print_peak_memory(Index bytes, const Run& run);

/// Prints how long the rest will take.
/// \param seconds_per_step  median of the first steps
/// \param steps             steps left
void print_expected_time(double seconds_per_step, Index steps);

/// Prints "warning: ..." on stderr.
/// \param text  what the reader should know, and do
void warn(const std::string& text);

/// \param seconds  a duration
/// \return         "12 s", "3 min 5 s" or "2 h 10 min"
std::string duration_text(double seconds);

}  // namespace cnn
