// SPDX-License-Identifier: MIT

// What code compiled with -fsanitize=thread calls before each of its accesses: the sanitizer's functions, here ours. So a program
// either looks for races or counts, and the kernels are the same.

#include "counting.hpp"

using emulation::count_access;

// NOLINTBEGIN: the names are not ours
#define EMULATION_HOOK(name, bytes, writes) \
  void name(void* p) { count_access(p, bytes, writes, __builtin_return_address(0)); }

// Atomics, mostly of the host's part of the files. What kernels do with them is not counted.
#define EMULATION_ATOMIC(bits, T)                                                                         \
  T __tsan_atomic##bits##_load(const volatile T* p, int) { return __atomic_load_n(p, __ATOMIC_SEQ_CST); } \
  void __tsan_atomic##bits##_store(volatile T* p, T v, int) { __atomic_store_n(p, v, __ATOMIC_SEQ_CST); } \
  T __tsan_atomic##bits##_exchange(volatile T* p, T v, int) {                                             \
    return __atomic_exchange_n(p, v, __ATOMIC_SEQ_CST);                                                   \
  }                                                                                                       \
  T __tsan_atomic##bits##_fetch_add(volatile T* p, T v, int) {                                            \
    return __atomic_fetch_add(p, v, __ATOMIC_SEQ_CST);                                                    \
  }                                                                                                       \
  T __tsan_atomic##bits##_fetch_sub(volatile T* p, T v, int) {                                            \
    return __atomic_fetch_sub(p, v, __ATOMIC_SEQ_CST);                                                    \
  }                                                                                                       \
  bool __tsan_atomic##bits##_compare_exchange_strong(volatile T* p, T* expected, T v, int, int) {         \
    return __atomic_compare_exchange_n(p, expected, v, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);        \
  }                                                                                                       \
  bool __tsan_atomic##bits##_compare_exchange_weak(volatile T* p, T* expected, T v, int, int) {           \
    return __atomic_compare_exchange_n(p, expected, v, true, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);         \
  }

extern "C" {
EMULATION_ATOMIC(8, char)
EMULATION_ATOMIC(32, int)
EMULATION_ATOMIC(64, long)
EMULATION_HOOK(__tsan_read1, 1, false)
EMULATION_HOOK(__tsan_read2, 2, false)
EMULATION_HOOK(__tsan_read4, 4, false)
EMULATION_HOOK(__tsan_read8, 8, false)
EMULATION_HOOK(__tsan_read16, 16, false)
EMULATION_HOOK(__tsan_write1, 1, true)
EMULATION_HOOK(__tsan_write2, 2, true)
EMULATION_HOOK(__tsan_write4, 4, true)
EMULATION_HOOK(__tsan_write8, 8, true)
EMULATION_HOOK(__tsan_write16, 16, true)
EMULATION_HOOK(__tsan_volatile_read4, 4, false)
EMULATION_HOOK(__tsan_volatile_write4, 4, true)
// Wider than any access of a card: registers of the emulated thread, or the host's.
void __tsan_read_range(void*, unsigned long) {}
void __tsan_write_range(void*, unsigned long) {}
void __tsan_init() {}
void __tsan_func_entry(void*) {}
void __tsan_func_exit() {}
void __tsan_vptr_update(void**, void*) {}
void __tsan_vptr_read(void**) {}
}
// NOLINTEND
