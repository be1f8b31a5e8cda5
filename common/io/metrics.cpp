// SPDX-License-Identifier: MIT
#include "common/io/metrics.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <limits>
#include <nlohmann/json.hpp>
#include <utility>

#include "common/core/check.hpp"
#include "common/io/file.hpp"
#include "common/io/number.hpp"

namespace cnn::io {
namespace fs = std::filesystem;
namespace {

using nlohmann::json;

constexpr std::uint64_t max_log_bytes = std::uint64_t{1} << 30;

double number(const json& value) {
  return value.is_null() ? std::numeric_limits<double>::quiet_NaN() : value.get<double>();
}

/// Calls `use(record)` for each complete line of the given type.
template <typename Use>
void for_each_record(const fs::path& path, const std::string& type, Use use) {
  const std::string text = read_file(path, max_log_bytes);
  std::size_t begin = 0;
  Index line = 1;
  for (std::size_t end = text.find('\n'); end != std::string::npos; end = text.find('\n', begin), ++line) {
    try {
      const json record = json::parse(text.begin() + static_cast<std::ptrdiff_t>(begin),
                                      text.begin() + static_cast<std::ptrdiff_t>(end));
      if (record.at("type").get<std::string>() == type) use(record);
    } catch (const json::exception&) {
      throw DataError("[metrics] line " + std::to_string(line) + " of " + path.string() +
                      " is not a record of a run; the file is damaged, or of another program");
    }
    begin = end + 1;
  }
}

}  // namespace

MetricsLog::MetricsLog(fs::path path, std::uint64_t keep_bytes) : path_(std::move(path)), bytes_(keep_bytes) {
  const int create = keep_bytes == 0 ? O_CREAT : 0;
  descriptor_ = ::open(path_.c_str(), O_RDWR | O_APPEND | O_CLOEXEC | O_NONBLOCK | create, 0666);
  if (descriptor_ < 0) fail(errno);
  try {
    struct stat status {};
    if (::fstat(descriptor_, &status) != 0) fail(errno);
    CNN_CHECK(S_ISREG(status.st_mode), DataError,
              "[metrics] cannot write " + path_.string() + ": it is a device or a pipe; name a file");
    const auto size = static_cast<std::uint64_t>(status.st_size);
    char last = '\n';
    const bool whole =
        size >= keep_bytes &&
        (keep_bytes == 0 || ::pread(descriptor_, &last, 1, static_cast<off_t>(keep_bytes - 1)) == 1);
    CNN_CHECK(whole && last == '\n', DataError,
              "[metrics] " + path_.string() + " has " + std::to_string(size) +
                  " bytes, and a record should end at byte " + std::to_string(keep_bytes) +
                  "; it is not the log of this run, start it anew");
    if (::ftruncate(descriptor_, static_cast<off_t>(keep_bytes)) != 0) fail(errno);
  } catch (...) {
    ::close(descriptor_);
    throw;
  }
}

MetricsLog::~MetricsLog() { ::close(descriptor_); }

void MetricsLog::fail(int error) const {
  throw DataError("[metrics] cannot write " + path_.string() + ": " + reason(error));
}

void MetricsLog::append(std::string_view line) {
  std::size_t done = 0;
  while (done < line.size()) {
    const ssize_t count = ::write(descriptor_, line.data() + done, line.size() - done);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) {
      const int error = count < 0 ? errno : ENOSPC;
      (void)!::ftruncate(descriptor_, static_cast<off_t>(bytes_));  // no half record
      fail(error);
    }
    done += static_cast<std::size_t>(count);
  }
  bytes_ += line.size();
}

void MetricsLog::step(const StepRecord& r) {
  append(fmt::format(
      R"({{"type":"step","epoch":{},"step":{},"loss":{},"correct":{},"examples":{},"seconds":{}}})"
      "\n",
      r.epoch, r.step, number_text(r.loss, "null"), r.correct, r.examples, number_text(r.seconds, "null")));
}

void MetricsLog::epoch(const EpochRecord& r) {
  const std::string peak = r.peak_bytes > 0 ? fmt::format(R"(,"peak_bytes":{})", r.peak_bytes) : "";
  append(fmt::format(
      R"({{"type":"epoch","epoch":{},"loss":{},"train_accuracy":{},"test_accuracy":{},"seconds":{}{}}})"
      "\n",
      r.epoch, number_text(r.loss, "null"), number_text(r.train_accuracy, "null"),
      number_text(r.test_accuracy, "null"), number_text(r.seconds, "null"), peak));
}

void MetricsLog::layer(const LayerRecord& r) {
  append(fmt::format(
      R"({{"type":"layer","epoch":{},"step":{},"layer":{},"spread":{},"gradient":{},"histogram":[{}]}})"
      "\n",
      r.epoch, r.step, json(r.layer).dump(), number_text(r.spread, "null"), number_text(r.gradient, "null"),
      fmt::join(r.histogram, ",")));
}

void MetricsLog::sync() {
  while (::fsync(descriptor_) != 0) {
    if (errno != EINTR) fail(errno);
  }
}

std::vector<EpochRecord> read_metrics(const fs::path& path) {
  std::vector<EpochRecord> epochs;
  for_each_record(path, "epoch", [&](const json& r) {
    epochs.push_back({r.at("epoch").get<Index>(), number(r.at("loss")), number(r.at("train_accuracy")),
                      number(r.at("test_accuracy")), number(r.at("seconds")),
                      r.value("peak_bytes", Index{0})});
  });
  return epochs;
}

std::vector<StepRecord> read_steps(const fs::path& path) {
  std::vector<StepRecord> steps;
  for_each_record(path, "step", [&](const json& r) {
    steps.push_back({r.at("epoch").get<Index>(), r.at("step").get<Index>(), number(r.at("loss")),
                     r.at("correct").get<Index>(), r.at("examples").get<Index>(), number(r.at("seconds"))});
  });
  return steps;
}

void write_metrics_csv(const fs::path& path, const std::vector<EpochRecord>& epochs) {
  std::string text = "epoch,loss,train_accuracy,test_accuracy,seconds\n";
  for (const EpochRecord& r : epochs) {
    text += fmt::format("{},{},{},{},{}\n", r.epoch, number_text(r.loss, "nan"),
                        number_text(r.train_accuracy, "nan"), number_text(r.test_accuracy, "nan"),
                        number_text(r.seconds, "nan"));
  }
  write_file_atomically(path, text);
}

}  // namespace cnn::io
