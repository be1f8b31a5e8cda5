// SPDX-License-Identifier: MIT
#include "common/backend/xtensor/im2col.hpp"

#include <algorithm>

namespace cnn {
namespace {

/// Output columns first ... last - 1, those whose input pixel lies inside the image.
struct Range {
  Index first, last;
};

/// Where 0 <= j sw + v - pw < iw for a tap in column v of the kernel.
Range columns_inside(Index v, const ConvSizes& s) {
  const Index before = s.pw - v;         // j sw must be at least this,
  const Index behind = s.iw + s.pw - v;  // and less than this
  const Index first = before <= 0 ? 0 : std::min((before + s.sw - 1) / s.sw, s.ow);
  const Index last = behind <= 0 ? 0 : std::min((behind + s.sw - 1) / s.sw, s.ow);
  return {first, std::max(first, last)};
}

/// Calls work(row of the matrix, i, offset of the image's row, inside) for each line of output pixels of each tap; the offset
/// is that of the pixel for j = 0 and may lie left of the image; negative `inside` is replaced by an empty range.
template <typename Work>
void for_each_line(const ConvSizes& s, const Work& work) {
  for (Index c = 0; c < s.ic; ++c)
    for (Index u = 0; u < s.kh; ++u)
      for (Index v = 0; v < s.kw; ++v) {
        const Range inside = columns_inside(v, s);
        for (Index i = 0; i < s.oh; ++i) {
          const Index row = i * s.sh + u - s.ph;
          const bool in_padding = row < 0 || row >= s.ih;
          work((c * s.kh + u) * s.kw + v, i, (c * s.ih + row) * s.iw + v - s.pw,
               in_padding ? Range{s.ow, s.ow} : inside);
        }
      }
}

}  // namespace

void im2col(float* columns, Index row_stride, const float* image, const ConvSizes& s) {
  for_each_line(s, [&](Index tap, Index i, Index offset, Range inside) {
    float* const line = columns + tap * row_stride + i * s.ow;
    std::fill(line, line + inside.first, 0.0F);
    if (s.sw == 1) {
      std::copy_n(image + offset + inside.first, inside.last - inside.first, line + inside.first);
    } else {
      for (Index j = inside.first; j < inside.last; ++j) line[j] = image[offset + j * s.sw];
    }
    std::fill(line + inside.last, line + s.ow, 0.0F);
  });
}

void col2im(float* image, const float* columns, Index row_stride, const ConvSizes& s) {
  for_each_line(s, [&](Index tap, Index i, Index offset, Range inside) {
    const float* const line = columns + tap * row_stride + i * s.ow;
    for (Index j = inside.first; j < inside.last; ++j) image[offset + j * s.sw] += line[j];
  });
}

}  // namespace cnn
