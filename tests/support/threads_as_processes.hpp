// SPDX-License-Identifier: MIT
#pragma once

#include <barrier>
#include <exception>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "common/backend/communicator.hpp"

namespace cnn::test {

/// What threads that play the part of processes have in common.
struct Meeting {
  explicit Meeting(Index count) : barrier(count), brought(static_cast<std::size_t>(count)) {}
  std::barrier<> barrier;
  std::vector<Tensor> brought;  // one by each
};

/// One of several threads that train together, each a network of its own. None may fail while others wait for it.
class ThreadAsProcess final : public Communicator {
 public:
  ThreadAsProcess(Meeting& meeting, Index rank) : meeting_(meeting), rank_(rank) {}
  Index rank() const override { return rank_; }
  Index size() const override { return static_cast<Index>(meeting_.brought.size()); }

  void join(Tensor& sums) override {
    std::vector<Tensor> all;
    meet(sums, [&](const Tensor& of_one) { all.push_back(of_one.clone().to({})); });
    join_in_pairs(size(), [&](Index to, Index from) {
      Tensor &a = all[static_cast<std::size_t>(to)], &b = all[static_cast<std::size_t>(from)];
      for (Index k = 0; k < a.size(); ++k) {
        if (a.dtype() == DType::f64)
          a.doubles()[k] += b.doubles()[k];
        else
          a.data()[k] += b.data()[k];
      }
    });
    sums.copy_from(all.front());
  }

  Tensor gather(const Tensor& rows) override {
    std::vector<Tensor> all;
    Shape shape = rows.shape();
    shape[0] = 0;
    meet(rows, [&](const Tensor& of_one) {
      all.push_back(of_one.clone().to({}));
      shape[0] += of_one.shape()[0];
    });
    Tensor gathered = Tensor::empty(shape, {}, rows.dtype());
    Index at = 0;
    for (const Tensor& of_one : all) {
      Tensor place = gathered.rows(at, of_one.shape()[0]);
      place.copy_from(of_one);
      at += of_one.shape()[0];
    }
    return gathered.to(rows.device());
  }

  void broadcast(Tensor& x) override {
    Tensor first;
    meet(x, [&](const Tensor& of_one) {
      if (!first.defined()) first = of_one.clone();
    });
    x.copy_from(first);
  }

 private:
  /// Shows a tensor to all and looks at those of all, in the order of the ranks.
  template <typename Look>
  void meet(const Tensor& mine, const Look& look) {
    meeting_.brought[static_cast<std::size_t>(rank_)] = mine;
    meeting_.barrier.arrive_and_wait();
    for (const Tensor& of_one : meeting_.brought) look(of_one);
    meeting_.barrier.arrive_and_wait();
    meeting_.brought[static_cast<std::size_t>(rank_)] = {};
  }

  Meeting& meeting_;
  Index rank_;
};

/// Runs a training in each of several threads that know each other.
/// \param count  how many, 1, 2, 4 or 8
/// \param train  called in each with its communicator
inline void as_processes(Index count, const std::function<void(std::unique_ptr<Communicator>)>& train) {
  Meeting meeting(count);
  std::vector<std::thread> threads;
  for (Index rank = 0; rank < count; ++rank)
    threads.emplace_back([&, rank] { train(std::make_unique<ThreadAsProcess>(meeting, rank)); });
  for (std::thread& thread : threads) thread.join();
}

}  // namespace cnn::test
