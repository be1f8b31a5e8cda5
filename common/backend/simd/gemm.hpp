// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <vector>

#include "common/backend/shards.hpp"
#include "common/backend/simd/kernels.hpp"
#include "common/tensor/tensor.hpp"

// Products of matrices, in two forms. C = A B with B's rows along the result's rows is made of tiles (multiply_tile): A and B
// are first copied into panels, in the order in which the tile reads them. C = A B^T with the summed index along the rows of
// both is made of products of rows (multiply_rows), without copies.

namespace cnn::simd {

/// Indices first ... last - 1 of rows, columns or the summed index.
struct Range {
  Index first, last;
  /// \return how many
  Index size() const { return last - first; }
};

/// \param a  dividend, not negative
/// \param b  divisor
/// \return   quotient, rounded up
constexpr Index divide_up(Index a, Index b) { return (a + b - 1) / b; }

/// \param a  a number, not negative
/// \param b  a positive number
/// \return   the first multiple of b that is not below a
constexpr Index round_up(Index a, Index b) { return divide_up(a, b) * b; }

/// The left matrix of a product, packed into panels [depth, tile rows], the missing rows of the last one zero.
class PackedRows {
 public:
  /// Packs A with A[i, k] = data[i row_stride + offsets[k]], on all threads.
  /// \param data        first element
  /// \param rows        of A
  /// \param row_stride  elements from one row to the next
  /// \param offsets     one for each column of A
  PackedRows(const float* data, Index rows, Index row_stride, const std::vector<Index>& offsets);
  /// \return rows of A
  Index rows() const { return rows_; }
  /// \return columns of A
  Index depth() const { return depth_; }
  /// \param row  of A, a multiple of the tile rows
  /// \param k    column of A
  /// \return     where the tile that starts with this row finds its element k
  const float* panel(Index row, Index k) const;

 private:
  Index rows_, depth_;
  Tensor panels_;
};

/// A block of a result that is ready: element [i, j] of the result is data[(i - rows.first) stride + (j - columns.first)].
struct Block {
  const float* data;
  Index stride;
  Range rows, columns;
};

/// Writes rows of B into panels [rows of B, tile columns], one after the other; the last may be filled partly.
using PackColumns = std::function<void(float* panels, Range columns, Range depth)>;
/// Floats that packing so many columns and rows of B takes beside the panels.
using PackScratch = std::function<Index(Index columns, Index depth)>;
/// Takes a block of the result to where it belongs.
using Store = std::function<void(const Block&)>;

/// C[rows, columns] = A[rows, depth] B[depth, columns], in blocks that stay in the cache, on all threads.
/// \param a            A
/// \param columns      of B
/// \param depth_block  rows of B packed at a time
/// \param pack         gives B
/// \param store        receives C
void multiply(const PackedRows& a, Index columns, Index depth_block, const PackColumns& pack,
              const Store& store);

/// As multiply(), but the sum is made for each shard of the images, which A's columns and B's rows are, and joined in pairs.
/// \param a        A
/// \param columns  of B
/// \param shards   of the images
/// \param pack     gives B
/// \param store    receives C
void multiply_shards(const PackedRows& a, Index columns, const Shards& shards, const PackColumns& pack,
                     const Store& store);

/// \param rows         of A
/// \param columns      of B
/// \param depth        columns of A
/// \param depth_block  as for multiply()
/// \param packing      what packing B takes; none by default
/// \return             floats that PackedRows and multiply() take for such a product, on all threads together
Index multiply_scratch(Index rows, Index columns, Index depth, Index depth_block,
                       const PackScratch& packing = {});

/// Rows of numbers, `stride` elements apart.
struct Rows {
  const float* data;
  Index count, stride;
};

/// c[i, j] += a_i b_j for all pairs of rows. Fastest if b stays in the second-level cache, on the caller's thread.
/// \param c         first element of the result
/// \param c_stride  elements from one row of c to the next
/// \param a         left rows
/// \param b         right rows
/// \param depth     elements of each row
void add_row_products(float* c, Index c_stride, const Rows& a, const Rows& b, Index depth);

/// Columns of a matrix that are neighbours in memory, in each of its rows.
struct Line {
  Index offset;  ///< in memory, from the row's own
  Index length;
};

/// Cuts lines where panels end.
/// \param lines  of a block of columns, in their order
/// \param width  columns of a panel
/// \param depth  rows of a panel
/// \return       what pack_panels() needs
std::vector<Run> cut_into_runs(const std::vector<Line>& lines, Index width, Index depth);

/// \param count  numbers
/// \return       0, step, 2 step, ...
/// \param step   from one to the next
std::vector<Index> multiples(Index count, Index step);

/// Packs rows of a matrix, [depth, columns] with `stride` elements from one row to the next, for multiply().
/// \param data    first element
/// \param stride  elements from one row to the next
/// \return        a callback, for as long as the matrix lives
PackColumns pack_matrix(const float* data, Index stride);

/// Copies blocks into a matrix whose rows are `stride` elements apart.
/// \param data    first element
/// \param stride  elements from one row to the next
/// \return        a callback, for as long as the matrix lives
Store store_matrix(float* data, Index stride);

}  // namespace cnn::simd
