// SPDX-License-Identifier: MIT
// OpenBLAS is loaded when the first product needs it. Linked as usual, it would start a thread for each processor in every
// program, long before main(), and where addresses are limited (`ulimit -v`) its end waits for ever for those that could not
// start. The rung xtensor gives each of our own threads a product of its own: OpenBLAS needs no thread but the caller's.
#include "common/backend/openblas.hpp"

#include <cstdlib>

#include <dlfcn.h>

#include "common/core/check.hpp"

namespace cnn {
namespace {

void* openblas() {
  static void* const library = [] {
    setenv("OPENBLAS_NUM_THREADS", "1", 1);
    void* found = dlopen(CNN_OPENBLAS, RTLD_NOW | RTLD_LOCAL);
    if (found == nullptr) found = dlopen("libopenblas.so.0", RTLD_NOW | RTLD_LOCAL);
    CNN_CHECK(found != nullptr, Error,
              std::string("[xtensor] OpenBLAS cannot be loaded: ") + dlerror() +
                  "; install it, or take another rung: --backend simd");
    return found;
  }();
  return library;
}

template <typename Function>
Function* symbol(const char* name) {
  auto* const found = reinterpret_cast<Function*>(dlsym(openblas(), name));
  CNN_CHECK(found != nullptr, Error, std::string("[xtensor] this OpenBLAS has no ") + name);
  return found;
}

}  // namespace

std::string openblas_version() {
  const std::string config = symbol<char*()>("openblas_get_config")();  // "OpenBLAS 0.3.21 NO_LAPACKE ..."
  return config.substr(0, config.find(' ', config.find(' ') + 1));
}

std::string openblas_kernel() { return symbol<char*()>("openblas_get_corename")(); }

}  // namespace cnn

/// The one function of BLAS that xtensor-blas calls here.
extern "C" void cblas_sgemm(int order, int transpose_a, int transpose_b, int m, int n, int k, float alpha,
                            const float* a, int lda, const float* b, int ldb, float beta, float* c, int ldc) {
  static auto* const sgemm = cnn::symbol<decltype(cblas_sgemm)>("cblas_sgemm");
  sgemm(order, transpose_a, transpose_b, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
}
