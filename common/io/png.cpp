// SPDX-License-Identifier: MIT
#include <png.h>

#include <algorithm>
#include <csetjmp>
#include <cstring>
#include <string>

#include "common/io/pixels.hpp"

namespace cnn::io {
namespace {

/// libpng's state, freed however the scope is left. libpng leaves its functions by longjmp() when something is wrong: they
/// are called in attempt() only, from code that owns nothing.
struct Png {
  png_structp png = nullptr;
  png_infop info = nullptr;
  std::string_view rest;    // of the file
  char problem[200] = {0};  // what libpng said

  explicit Png(std::string_view file) : rest(file) {
    png = png_create_read_struct(PNG_LIBPNG_VER_STRING, this, &Png::failed,
                                 [](png_structp, png_const_charp) {});
    if (png != nullptr) info = png_create_info_struct(png);
    if (info != nullptr) png_set_read_fn(png, this, &Png::read);
  }
  ~Png() { png_destroy_read_struct(&png, &info, nullptr); }
  Png(const Png&) = delete;
  Png& operator=(const Png&) = delete;

  /// \return false if libpng gave up
  template <typename Work>
  bool attempt(Work work) {
    if (info == nullptr || setjmp(png_jmpbuf(png)) != 0) return false;
    work();
    return true;
  }

  [[noreturn]] static void failed(png_structp png, png_const_charp message) {
    auto* const self = static_cast<Png*>(png_get_error_ptr(png));
    std::strncpy(self->problem, message, sizeof self->problem - 1);
    png_longjmp(png, 1);
  }

  static void read(png_structp png, png_bytep to, std::size_t count) {
    auto* const self = static_cast<Png*>(png_get_io_ptr(png));
    if (self->rest.size() < count) png_error(png, "it ends too early");
    std::memcpy(to, self->rest.data(), count);
    self->rest.remove_prefix(count);
  }
};

/// Everything becomes 8 bits of red, green, blue and alpha. No gamma is asked for, so libpng applies none.
void ask_for_rgba(Png& p) {
  png_set_user_limits(p.png, PNG_UINT_31_MAX,
                      PNG_UINT_31_MAX);  // make_pixels() has a smaller limit, and says it
  png_read_info(p.png, p.info);
  png_set_expand(p.png);  // palettes, fewer than 8 bits, a transparent colour
  png_set_strip_16(p.png);
  png_set_gray_to_rgb(p.png);
  const bool has_alpha = (png_get_color_type(p.png, p.info) & PNG_COLOR_MASK_ALPHA) != 0 ||
                         png_get_valid(p.png, p.info, PNG_INFO_tRNS) != 0;
  if (!has_alpha) png_set_add_alpha(p.png, 0xFF, PNG_FILLER_AFTER);
}

}  // namespace

Pixels decode_png(const std::filesystem::path& path, std::string_view file) {
  Png p(file);
  const auto give_up = [&] {
    const std::string why = p.problem[0] != '\0' ? p.problem : "there is no memory for it";
    fail_reading_picture(path, why + "; the file is damaged, get it again");
  };
  if (!p.attempt([&] { ask_for_rgba(p); })) give_up();
  Pixels pixels = make_pixels(path, static_cast<Index>(png_get_image_height(p.png, p.info)),
                              static_cast<Index>(png_get_image_width(p.png, p.info)));
  std::vector<png_bytep> rows;
  for (Index i = 0; i < pixels.h; ++i) rows.push_back(pixels.bytes.data() + 4 * i * pixels.w);
  const bool whole = p.attempt([&] {
    png_set_interlace_handling(p.png);
    png_read_update_info(p.png, p.info);
    if (png_get_rowbytes(p.png, p.info) != static_cast<std::size_t>(4 * pixels.w))
      png_error(p.png, "its pixels are of an unknown kind");
    png_read_image(p.png, rows.data());
    png_read_end(p.png, nullptr);
  });
  if (!whole) give_up();
  return pixels;
}

}  // namespace cnn::io
