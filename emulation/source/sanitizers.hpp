// SPDX-License-Identifier: MIT
#pragma once

// What the sanitizers are told of fibers, of device memory and of what CUDA orders; nothing in a build without them.

#include <cstddef>
#include <utility>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif
#if defined(EMULATION_TSAN)
#include <sanitizer/tsan_interface.h>
extern "C" {
void __tsan_java_init(unsigned long begin, unsigned long size);
void __tsan_java_alloc(unsigned long begin, unsigned long size);
void __tsan_java_free(unsigned long begin, unsigned long size);
void AnnotateIgnoreReadsBegin(const char* file, int line);
void AnnotateIgnoreReadsEnd(const char* file, int line);
void AnnotateIgnoreWritesBegin(const char* file, int line);
void AnnotateIgnoreWritesEnd(const char* file, int line);
}
#endif

namespace emulation {

#if defined(__SANITIZE_ADDRESS__)
inline void poison(void* p, std::size_t bytes) { ASAN_POISON_MEMORY_REGION(p, bytes); }
inline void unpoison(void* p, std::size_t bytes) { ASAN_UNPOISON_MEMORY_REGION(p, bytes); }
#else
inline void poison(void*, std::size_t) {}
inline void unpoison(void*, std::size_t) {}
#endif

#if defined(__SANITIZE_ADDRESS__) || defined(EMULATION_TSAN)
constexpr std::size_t fiber_stack_bytes = 256 << 10;
#else
constexpr std::size_t fiber_stack_bytes = 64 << 10;
#endif

// The thread sanitizer looks at fibers as at threads. Switching orders nothing; these tokens do, as a barrier, an event or the
// end of a kernel does. Every CUDA thread must be a fiber of its own then, for a race is between two fibers.
#if defined(EMULATION_TSAN)
constexpr bool races_are_looked_for = true;
inline void happens_before(void* token) { __tsan_release(token); }
inline void happens_after(void* token) { __tsan_acquire(token); }
inline void* new_fiber() { return __tsan_create_fiber(0); }
inline void* this_fiber() { return __tsan_get_current_fiber(); }
inline void switch_to(void* fiber) { __tsan_switch_to_fiber(fiber, __tsan_switch_to_fiber_no_sync); }
/// Says that memory is new: whatever was done to it was done to other memory at the same place. For one range of the program.
inline void forget_history(char* from, char* to) {
  const auto begin = reinterpret_cast<unsigned long>(from);
  const unsigned long size = (reinterpret_cast<unsigned long>(to) - begin) & ~7ul;
  static bool known = false;
  if (std::exchange(known, true)) {
    __tsan_java_free(begin, size);
  } else {
    __tsan_java_init(begin, size);
  }
  __tsan_java_alloc(begin, size);
}
/// Keeps what the engine does on this fiber out of the sanitizer's sight, for the life of a scope. Compiling the engine without
/// the sanitizer is not enough: of a template of the standard library the linker may take the copy of a watched file.
class Unwatched {
 public:
  Unwatched() {
    AnnotateIgnoreReadsBegin(__FILE__, __LINE__);
    AnnotateIgnoreWritesBegin(__FILE__, __LINE__);
  }
  ~Unwatched() {
    AnnotateIgnoreWritesEnd(__FILE__, __LINE__);
    AnnotateIgnoreReadsEnd(__FILE__, __LINE__);
  }
  Unwatched(const Unwatched&) = delete;
  Unwatched& operator=(const Unwatched&) = delete;
};
#else
constexpr bool races_are_looked_for = false;
inline void happens_before(void*) {}
inline void happens_after(void*) {}
inline void* new_fiber() { return nullptr; }
inline void* this_fiber() { return nullptr; }
inline void switch_to(void*) {}
inline void forget_history(char*, char*) {}
struct Unwatched {
  ~Unwatched() {}  // so that a scope may have one that is not used otherwise
};
#endif

}  // namespace emulation
