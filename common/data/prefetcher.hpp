// SPDX-License-Identifier: MIT
#pragma once

#include <condition_variable>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>

#include "common/tensor/tensor.hpp"

namespace cnn::data {

/// Images and labels that one step of training sees.
struct Batch {
  /// f32, [n, c, s, s], 0 (black) ... 1 (white); on its way to a device u8, [n, c, h, w], pixels of the data set.
  Tensor images;
  Tensor labels;    ///< i64, [n]
  Index first = 0;  ///< number of this batch in its epoch, from 0

  /// \return number of images
  Index size() const { return labels.size(); }
};

constexpr std::size_t batches_ahead = 2;  ///< finished batches that wait for the one in use to be done with

/// Makes batches on a thread of its own, a few ahead of the one that is asked for, and hands them out in order. In a build
/// without threads each is made when it is asked for.
class Prefetcher {
 public:
  /// Starts the thread.
  /// \param first  number of the first batch
  /// \param last   number after the last batch; no thread is started if it is `first`
  /// \param make   makes a batch from its number; called on the thread only, in order
  /// \param ahead  how many finished batches may wait
  Prefetcher(Index first, Index last, std::function<Batch(Index)> make, std::size_t ahead = batches_ahead);

  /// Stops and joins the thread; batches not asked for are dropped.
  ~Prefetcher();
  Prefetcher(const Prefetcher&) = delete;
  Prefetcher& operator=(const Prefetcher&) = delete;

  /// Waits for the next batch.
  /// \param batch  takes the batch
  /// \return       false if there are no more; `batch` is then emptied
  /// \throws ...   what `make` threw, after the batches made before
  bool next(Batch& batch);

 private:
  void run();
  bool wait_for_place();
  void put(Batch batch);

  std::function<Batch(Index)> make_;
  Index last_;
  std::size_t ahead_;
  Index to_make_;
  Index to_take_;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Batch> ready_;     // guarded by mutex_
  std::exception_ptr failure_;  // guarded by mutex_
  bool stop_ = false;           // guarded by mutex_
  std::thread thread_;
};

}  // namespace cnn::data
