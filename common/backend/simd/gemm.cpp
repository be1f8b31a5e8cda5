// SPDX-License-Identifier: MIT
#include "common/backend/simd/gemm.hpp"

#include <algorithm>

#include "common/core/threads.hpp"

namespace cnn::simd {
namespace {

//! [sizes]
constexpr Index panel_floats = 48 * 1024;
constexpr Index sum_floats = 64 * 1024;  // 256 KiB: both fill the second cache
constexpr Index most_columns = 768;
constexpr Index rows_in_turn = 128;  // their panels stay cached for all columns
constexpr Index wanted_tasks = 8;    // enough for the threads of a small machine
//! [sizes]

/// How a result is cut: each block is one task.
struct Cut {
  Index rows, columns, depth;
};

//! [cut]
Cut cut_for(Index rows, Index columns, Index depth_block, const GemmKernels& gemm) {
  const Index most_rows = round_up(std::min<Index>(rows, 512), gemm.rows);
  const Index depth = std::max<Index>(depth_block, 1);
  Index wide = std::min(most_columns, divide_up(columns, wanted_tasks));
  wide = std::min({wide, panel_floats / depth, sum_floats / most_rows});
  wide = std::max(wide / gemm.columns, Index{1}) * gemm.columns;
  const Index parts = divide_up(wanted_tasks, divide_up(columns, wide));
  const Index high = round_up(divide_up(rows, parts), gemm.rows);
  const Index least = std::min<Index>(32, most_rows);
  return {std::clamp(high, least, most_rows), wide, depth_block};
}
//! [cut]

//! [panels]
/// Adds the products of one block of the depth to a block of sums.
void multiply_panels(float* sums, Index stride, const PackedRows& a,  // sums += A B
                     Range rows, const float* panels, Range depth) {
  const GemmKernels& gemm = kernels().gemm;
  const Index k = depth.first, terms = depth.size();
  for (Index from = rows.first; from < rows.last; from += rows_in_turn) {
    const Index to = std::min(from + rows_in_turn, rows.last);
    for (Index j = 0; j < stride; j += gemm.columns)
      for (Index i = from; i < to; i += gemm.rows) {
        gemm.multiply_tile(sums + (i - rows.first) * stride + j, stride,  // a tile
                           a.panel(i, k), panels + j * terms, terms, k > 0);
      }
  }
}
//! [panels]

void multiply_block(const PackedRows& a, Range rows, Range columns, Index depth_block,
                    const PackColumns& pack, const Store& store) {
  const GemmKernels& gemm = kernels().gemm;
  const Index stride = round_up(columns.size(), gemm.columns);
  Tensor panels = Tensor::empty({depth_block * stride + gemm.columns});  // room for the slack of the last run
  Tensor sums = Tensor::empty({round_up(rows.size(), gemm.rows), stride});
  Index k = 0;
  do {
    const Range depth{k, std::min(k + depth_block, a.depth())};
    pack(panels.data(), columns, depth);
    multiply_panels(sums.data(), stride, a, rows, panels.data(), depth);
    k = depth.last;
  } while (k < a.depth());
  store({sums.data(), stride, rows, columns});
}

void multiply_block_by_shards(const PackedRows& a, Range rows, Range columns, const Shards& shards,
                              const PackColumns& pack, const Store& store) {
  const GemmKernels& gemm = kernels().gemm;
  const Index stride = round_up(columns.size(), gemm.columns);
  Tensor panels = Tensor::empty({a.depth() * stride + gemm.columns});
  Tensor sums = Tensor::empty({round_up(rows.size(), gemm.rows), stride});
  Index depths[shard_count];
  for (Index k = 0; k < shards.count(); ++k) depths[k] = shards.begin(k + 1) - shards.begin(k);
  pack(panels.data(), columns, {0, a.depth()});
  for (Index from = rows.first; from < rows.last; from += rows_in_turn)
    for (Index j = 0; j < stride; j += gemm.columns)
      for (Index i = from; i < std::min(from + rows_in_turn, rows.last); i += gemm.rows) {
        gemm.multiply_tile_by_shards(sums.data() + (i - rows.first) * stride + j, stride, a.panel(i, 0),
                                     panels.data() + j * a.depth(), depths, shards.count());
      }
  store({sums.data(), stride, rows, columns});
}

/// Calls work(rows, columns) for each block, on all threads.
template <typename Work>
void for_each_block(Index rows, Index columns, const Cut& cut, const Work& work) {
  const Index row_blocks = divide_up(rows, cut.rows);
  parallel_for(divide_up(columns, cut.columns) * row_blocks, 1, [&](Index task, Index) {
    const Index i = task % row_blocks * cut.rows, j = task / row_blocks * cut.columns;
    work(Range{i, std::min(i + cut.rows, rows)}, Range{j, std::min(j + cut.columns, columns)});
  });
}

}  // namespace

PackedRows::PackedRows(const float* data, Index rows, Index row_stride, const std::vector<Index>& offsets)
    : rows_(rows), depth_(static_cast<Index>(offsets.size())) {
  const Index high = kernels().gemm.rows;
  panels_ = Tensor::empty({round_up(rows, high), depth_});
  parallel_for(divide_up(rows, high), divide_up(8192, high * depth_ + 1), [&](Index first, Index last) {
    for (Index i = first * high; i < last * high; ++i) {
      float* to = panels_.data() + i / high * high * depth_ + i % high;
      const float* const row = data + i * row_stride;
      for (const Index offset : offsets) {
        *to = i < rows ? row[offset] : 0.0F;
        to += high;
      }
    }
  });
}

const float* PackedRows::panel(Index row, Index k) const {
  return panels_.data() + row * depth_ + k * kernels().gemm.rows;
}

Index multiply_scratch(Index rows, Index columns, Index depth, Index depth_block,
                       const PackScratch& packing) {
  const GemmKernels& gemm = kernels().gemm;
  const Cut cut = cut_for(rows, columns, std::min(depth_block, depth), gemm);
  const Index tasks = divide_up(columns, cut.columns) * divide_up(rows, cut.rows);
  const Index beside = packing ? packing(std::min(columns, cut.columns), cut.depth) : 0;
  return round_up(rows, gemm.rows) * depth +
         std::min<Index>(thread_count(), tasks) * ((cut.depth + cut.rows) * cut.columns + beside);
}

void multiply(const PackedRows& a, Index columns, Index depth_block, const PackColumns& pack,
              const Store& store) {
  const Cut cut = cut_for(a.rows(), columns, std::min(depth_block, a.depth()), kernels().gemm);
  for_each_block(a.rows(), columns, cut,
                 [&](Range rows, Range some) { multiply_block(a, rows, some, cut.depth, pack, store); });
}

void multiply_shards(const PackedRows& a, Index columns, const Shards& shards, const PackColumns& pack,
                     const Store& store) {
  for_each_block(
      a.rows(), columns, cut_for(a.rows(), columns, a.depth(), kernels().gemm),
      [&](Range rows, Range some) { multiply_block_by_shards(a, rows, some, shards, pack, store); });
}

void add_row_products(float* c, Index c_stride, const Rows& a, const Rows& b, Index depth) {
  constexpr Index most = 16;
  const GemmKernels& gemm = kernels().gemm;
  const float* left[most];
  const float* right[most];
  float products[most * most];
  for (Index i = 0; i < a.count; i += gemm.rows) {
    const Index high = std::min(gemm.rows, a.count - i);
    for (Index k = 0; k < gemm.rows; ++k) left[k] = a.data + (i + std::min(k, high - 1)) * a.stride;
    for (Index j = 0; j < b.count; j += gemm.vectors) {
      const Index wide = std::min(gemm.vectors, b.count - j);
      for (Index k = 0; k < gemm.vectors; ++k) right[k] = b.data + (j + std::min(k, wide - 1)) * b.stride;
      gemm.multiply_rows(products, left, right, depth);
      for (Index u = 0; u < high; ++u)
        for (Index v = 0; v < wide; ++v) c[(i + u) * c_stride + j + v] += products[u * gemm.vectors + v];
    }
  }
}

std::vector<Index> multiples(Index count, Index step) {
  std::vector<Index> numbers(static_cast<std::size_t>(count));
  for (Index k = 0; k < count; ++k) numbers[static_cast<std::size_t>(k)] = k * step;
  return numbers;
}

std::vector<Run> cut_into_runs(const std::vector<Line>& lines, Index width, Index depth) {
  std::vector<Run> runs;
  Index column = 0;
  for (const Line& line : lines)
    for (Index done = 0; done < line.length;) {
      const Index length = std::min(line.length - done, width - column % width);
      runs.push_back({column / width * width * depth + column % width, line.offset + done, length});
      done += length, column += length;
    }
  return runs;
}

PackColumns pack_matrix(const float* data, Index stride) {
  return [data, stride](float* panels, Range columns, Range depth) {
    const Index width = kernels().gemm.columns;
    const std::vector<Index> offsets = multiples(depth.size(), stride);
    const std::vector<Run> runs = cut_into_runs({{0, columns.size()}}, width, depth.size());
    const Index whole = columns.size() / width * width;
    if (whole < columns.size()) std::fill_n(panels + whole * depth.size(), width * depth.size(), 0.0F);
    kernels().gemm.pack_panels(panels, width,
                               {.data = data + depth.first * stride + columns.first,
                                .offsets = offsets.data(),
                                .depth = depth.size(),
                                .runs = runs.data(),
                                .run_count = static_cast<Index>(runs.size()),
                                .has_slack = false});
  };
}

Store store_matrix(float* data, Index stride) {
  return [data, stride](const Block& block) {
    for (Index i = block.rows.first; i < block.rows.last; ++i) {
      std::copy_n(block.data + (i - block.rows.first) * block.stride, block.columns.size(),
                  data + i * stride + block.columns.first);
    }
  };
}

}  // namespace cnn::simd
