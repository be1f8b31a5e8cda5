// SPDX-License-Identifier: MIT
#include <csetjmp>
#include <cstdio>
#include <string>
#include <vector>

#include "common/io/pixels.hpp"

#include <jpeglib.h>  // after <cstdio>

#include <jerror.h>  // after <jpeglib.h>

namespace cnn::io {
namespace {

/// libjpeg's state, freed however the scope is left. libjpeg must not return from an error: its functions are called in
/// attempt() only, from code that owns nothing.
struct Jpeg {
  jpeg_decompress_struct state{};
  jpeg_error_mgr errors{};
  std::jmp_buf jump{};
  char problem[JMSG_LENGTH_MAX] = {0};

  Jpeg() {
    state.err = jpeg_std_error(&errors);
    state.client_data = this;
    errors.error_exit = &Jpeg::failed;
    errors.emit_message = &Jpeg::noted;
  }
  ~Jpeg() { jpeg_destroy_decompress(&state); }
  Jpeg(const Jpeg&) = delete;
  Jpeg& operator=(const Jpeg&) = delete;

  /// \return false if libjpeg gave up
  template <typename Work>
  bool attempt(Work work) {
    if (setjmp(jump) != 0) return false;
    work();
    return true;
  }

  [[noreturn]] static void failed(j_common_ptr state) {
    auto* const self = static_cast<Jpeg*>(state->client_data);
    self->errors.format_message(state, self->problem);
    std::longjmp(self->jump, 1);
  }

  /// Rows that libjpeg would make up, since the file ends or breaks off, are not the picture.
  static void noted(j_common_ptr state, int level) {
    const int code = state->err->msg_code;
    if (level < 0 && (code == JWRN_JPEG_EOF || code == JWRN_HIT_MARKER)) failed(state);
  }
};

/// One row of gray, of colour, or of cyan, magenta, yellow and black, which Adobe stores inverted.
void convert_row(const std::vector<JSAMPLE>& row, int components, std::uint8_t* rgba, Index w) {
  for (Index j = 0; j < w; ++j) {
    const JSAMPLE* const from = row.data() + j * components;
    for (int c = 0; c < 3; ++c) {
      int value = from[components == 1 ? 0 : c];
      if (components == 4) {  // white minus ink, as Pillow rounds it
        const int white = from[3];
        const int product = (255 - value) * white + 128;
        value = white - ((product + (product >> 8)) >> 8);
      }
      rgba[4 * j + c] = static_cast<std::uint8_t>(value < 0 ? 0 : value);
    }
  }
}

}  // namespace

Pixels decode_jpeg(const std::filesystem::path& path, std::string_view file) {
  Jpeg j;
  const auto give_up = [&] {
    fail_reading_picture(path, std::string(j.problem) + "; the file is damaged, get it again");
  };
  const bool begun = j.attempt([&] {
    jpeg_create_decompress(&j.state);
    jpeg_mem_src(&j.state, reinterpret_cast<const unsigned char*>(file.data()),
                 static_cast<unsigned long>(file.size()));
    jpeg_read_header(&j.state, TRUE);
    const J_COLOR_SPACE space = j.state.jpeg_color_space;
    const bool ink = space == JCS_CMYK || space == JCS_YCCK;
    j.state.out_color_space = space == JCS_GRAYSCALE ? JCS_GRAYSCALE : ink ? JCS_CMYK : JCS_RGB;
  });
  if (!begun) give_up();
  Pixels pixels =
      make_pixels(path, static_cast<Index>(j.state.image_height), static_cast<Index>(j.state.image_width));
  if (!j.attempt([&] { jpeg_start_decompress(&j.state); })) give_up();
  std::vector<JSAMPLE> row(static_cast<std::size_t>(j.state.output_width) *
                           static_cast<std::size_t>(j.state.output_components));
  JSAMPROW rows[1] = {row.data()};
  for (Index i = 0; i < pixels.h; ++i) {
    if (!j.attempt([&] { jpeg_read_scanlines(&j.state, rows, 1); })) give_up();
    convert_row(row, j.state.output_components, pixels.bytes.data() + 4 * i * pixels.w, pixels.w);
  }
  return pixels;
}

}  // namespace cnn::io
