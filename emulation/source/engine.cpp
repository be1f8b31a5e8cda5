// SPDX-License-Identifier: MIT
// The engine behind <cuda_runtime.h>: device memory, and the execution of a grid of blocks of fibers.
#include <algorithm>
#include <bit>
#include <boost/context/fiber.hpp>
#include <chrono>
#include <map>
#include <memory>
#include <numeric>
#include <random>
#include <stdexcept>
#include <sys/mman.h>
#include <vector>
#include "cuda_runtime.h"

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#else
#define ASAN_POISON_MEMORY_REGION(p, n) ((void)(p))
#define ASAN_UNPOISON_MEMORY_REGION(p, n) ((void)(p))
#endif
#if defined(EMULATION_TSAN)
#include <sanitizer/tsan_interface.h>
constexpr bool kOneFiberPerThread = true;  // a race is between two fibers
static void happens_before(void* token) { __tsan_release(token); }
static void happens_after(void* token) { __tsan_acquire(token); }
extern "C" void __tsan_java_init(unsigned long, unsigned long);
extern "C" void __tsan_java_alloc(unsigned long, unsigned long);
extern "C" void __tsan_java_free(unsigned long, unsigned long);
// The next block's shared memory is other memory at the same place.
static void forget_history(char* from, char* to) {
  const auto begin = reinterpret_cast<unsigned long>(from),
             size = (reinterpret_cast<unsigned long>(to) - begin) & ~7ul;
  static const bool first = (__tsan_java_init(begin, size), true);
  static bool allocated = false;
  if (std::exchange(allocated, true)) __tsan_java_free(begin, size);
  __tsan_java_alloc(begin, size);
  (void)first;
}
#else
static void forget_history(char*, char*) {}
constexpr bool kOneFiberPerThread = false;
static void happens_before(void*) {}
static void happens_after(void*) {}
#endif

extern "C" {  // bounds of the section that __shared__ puts its variables in; absent when there are none
extern char __start_cuda_shared[] __attribute__((weak));
extern char __stop_cuda_shared[] __attribute__((weak));
}

namespace emulation {
namespace {
constexpr size_t kCapacity = size_t{1} << 30, kAlignment = 256;
constexpr unsigned char kPoison = 0xFF;  // four of them are a NaN
cudaError_t last_error = cudaSuccess;
std::string last_text = "no error";
unsigned schedule_seed = 0;

// Device memory. Pointers handed out lie in `handles`, which nobody may touch; the bytes live in `bytes`.
// So host code that dereferences a device pointer faults, as it would with a real GPU.
struct Arena {
  char* handles = map(PROT_NONE);
  char* bytes = map(PROT_READ | PROT_WRITE);
  size_t top = kAlignment;
  std::map<size_t, size_t> live, free;  // offset -> size as asked for / size of the hole
  static char* map(int protection) {
    void* p = mmap(nullptr, kCapacity, protection, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (p == MAP_FAILED) throw std::bad_alloc();
    return static_cast<char*>(p);
  }
  static size_t footprint(size_t n) {
    return (n + kAlignment - 1) / kAlignment * kAlignment + kAlignment;
  }  // + red zone
  void* allocate(size_t n) {
    const size_t need = footprint(n);
    auto hole = std::find_if(free.begin(), free.end(), [&](auto& h) { return h.second >= need; });
    size_t at = top;
    if (hole == free.end()) {
      if (top + need > kCapacity) return nullptr;
      top += need;
    } else {
      at = hole->first;
      if (hole->second > need) free[at + need] = hole->second - need;
      free.erase(hole);
    }
    live[at] = n;
    ASAN_UNPOISON_MEMORY_REGION(bytes + at, need);
    std::memset(bytes + at, kPoison, need);
    ASAN_POISON_MEMORY_REGION(bytes + at + n, need - n);
    return handles + at;
  }
  bool owns(const void* p) const { return p >= handles && p < handles + kCapacity; }
};
Arena& arena() {
  static Arena a;
  return a;
}

// Every fiber's stack: a guard page below, and a different alignment ("colour") so that the tops of 256
// stacks do not all compete for the same cache sets.
struct Stack {
#if defined(__SANITIZE_ADDRESS__) || defined(EMULATION_TSAN)
  static constexpr size_t size = 256 << 10;
#else
  static constexpr size_t size = 64 << 10;
#endif
  size_t colour;
  const void** bottom;
  boost::context::stack_context allocate() const {
    char* base =
        static_cast<char*>(mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    if (base == MAP_FAILED) throw std::bad_alloc();
    mprotect(base, 4096, PROT_NONE);
    boost::context::stack_context context;
    context.sp = base + size - colour;
    context.size = size - colour;
    *bottom = base;
    return context;
  }
  static void deallocate(boost::context::stack_context& c) {
    munmap(static_cast<char*>(c.sp) - c.size, size);
  }
};

struct Divergence : std::runtime_error {
  using std::runtime_error::runtime_error;
};
struct Worker;
struct Thread {
  uint3 index{};
  Worker* worker = nullptr;  // none before the thread starts
  enum State { ready, running, waiting, returned } state = ready;
  Sync kind{};
  unsigned mask = 0;
  uint64_t value = 0;
  int source = 0;
  Place here{};
};
// A fiber. It takes threads of the block one after the other; only a thread that waits pins it down, so a
// kernel without barriers runs as a plain loop over its threads.
struct Worker {
  boost::context::fiber context, scheduler;
  Thread* thread = nullptr;
  const void* stack_bottom = nullptr;
  void* fake_stack = nullptr;
  void* tsan = nullptr;
};

// One block. The scheduler always runs a ready lane of the first ready warp in `warp_order_`, so that a
// warp runs ahead of the others as far as the barriers let it: the adversary of a missing barrier.
class Block {
 public:
  std::vector<char> shared;

  void run(const std::function<void()>& kernel, unsigned count, std::mt19937* random) {
    kernel_ = &kernel;
    random_ = random;
    threads_.assign(count, {});
    live_ = count;
    ++block_number_;
    if (kOneFiberPerThread) {  // and not the fibers of the block before
      while (workers_.size() < 2 * count) create_worker();
      idle_.clear();
      for (size_t i = 0; i < count; ++i)
        idle_.push_back(
            workers_[(block_number_ % 2 ? workers_.size() : count) - 1 - (i + block_number_) % count].get());
    }
    warp_order_.resize((count + 31) / 32);
    std::iota(warp_order_.begin(), warp_order_.end(), 0u);
    if (random_) std::shuffle(warp_order_.begin(), warp_order_.end(), *random_);
    for (unsigned warp = 0; warp < warp_order_.size(); ++warp) ready_[warp] = lanes_of(warp);
    happens_before(&launched_);
    while (live_ > 0) {
      Thread* t = next();
      if (!t) {
        release_barrier();
      } else {
        resume(t->worker ? *t->worker : idle_worker(), t);
      }
    }
  }
  void finish() { happens_after(&finished_); }
  uint64_t wait(Sync kind, unsigned mask, uint64_t value, int source, Place here) {
    Thread& t = *current_;
    t.state = Thread::waiting;
    t.kind = kind, t.mask = mask, t.value = value, t.source = source, t.here = here;
    const size_t group = kind == Sync::block ? 32 : rank() / 32;
    char* const meeting = &meetings_[block_number_ % 256][group][open_[group] % 4];
    happens_before(meeting);
    if (kind == Sync::warp) release_lanes(rank() / 32, mask);
    suspend(*t.worker);
    happens_after(meeting);
    return t.value;
  }
  unsigned rank() const { return static_cast<unsigned>(current_ - threads_.data()); }
  // After a failure: fibers suspended inside the kernel are left behind, like the state of a real context.
  void abandon() {
    for (auto& worker : workers_) abandoned_.push_back(std::move(worker));
    workers_.clear();
    idle_.clear();
  }

 private:
  unsigned lanes_of(unsigned warp) const {
    const size_t lanes = std::min<size_t>(32, threads_.size() - 32 * size_t{warp});
    return static_cast<unsigned>((uint64_t{1} << lanes) - 1);
  }
  Thread* next() {
    for (unsigned warp : warp_order_) {
      unsigned& ready = ready_[warp];
      if (!ready) continue;
      const unsigned turn = random_ ? static_cast<unsigned>((*random_)() % 32) : 0;
      const unsigned lane =
          (static_cast<unsigned>(std::countr_zero(std::rotr(ready, static_cast<int>(turn)))) + turn) % 32;
      ready &= ~(1u << lane);
      return &threads_[32 * warp + lane];
    }
    return nullptr;
  }
  // Nobody can go on: everybody waits at the same __syncthreads(), or the kernel is wrong.
  void release_barrier() {
    const auto waits = [](const Thread& t) { return t.state == Thread::waiting; };
    const Thread& first = *std::find_if(threads_.begin(), threads_.end(), waits);
    for (Thread& t : threads_) {
      if (!waits(t) || t.kind != first.kind || !same_place(t.here, first.here)) diverged(first, t);
    }
    if (first.kind == Sync::warp) throw Divergence(where(first) + ": its warp does not agree on the mask");
    ++open_[32];
    for (Thread& t : threads_) t.state = Thread::ready;
    for (unsigned warp = 0; warp < warp_order_.size(); ++warp) ready_[warp] = lanes_of(warp);
  }
  // Lanes of one warp that all wait in a collective with the same mask exchange their values and go on.
  void release_lanes(unsigned warp, unsigned mask) {
    Thread* lanes = &threads_[32 * warp];
    const Thread& caller = *current_;
    if (!(mask >> (&caller - lanes) & 1))
      throw Divergence(where(caller) + ", but its own lane is not in the mask");
    unsigned members = 0;
    for (unsigned i = 0; i < 32; ++i) {
      if (!((mask & lanes_of(warp)) >> i & 1)) continue;
      if (lanes[i].state != Thread::waiting || lanes[i].kind != Sync::warp || lanes[i].mask != mask)
        return;  // not yet
      if (!same_place(lanes[i].here, caller.here)) diverged(caller, lanes[i]);
      members |= 1u << i;
    }
    uint64_t values[32];
    for (unsigned i = 0; i < 32; ++i) values[i] = members >> i & 1 ? lanes[i].value : ~uint64_t{0};
    for (unsigned i = 0; i < 32; ++i) {
      if (!(members >> i & 1)) continue;
      if (lanes[i].source >= 0) lanes[i].value = values[lanes[i].source & 31];
      lanes[i].state = Thread::ready;
    }
    ready_[warp] |= members;
    ++open_[warp];
  }
  Worker& idle_worker() {
    if (!idle_.empty()) {
      Worker* worker = idle_.back();
      idle_.pop_back();
      return *worker;
    }
    return create_worker();
  }
  Worker& create_worker() {
    auto worker = std::make_unique<Worker>();
    Worker* self = worker.get();
    const Stack stack{workers_.size() % 60 * 320, &self->stack_bottom};
    worker->context =
        boost::context::fiber(std::allocator_arg, stack, [this, self](boost::context::fiber&& scheduler) {
          self->scheduler = std::move(scheduler);
          arrived_on(*self);
          for (;;) {
            for (Thread* t = current_; t; t = adopt(*self)) {
              happens_after(&launched_);
              try {
                (*kernel_)();
              } catch (...) {
                error_ = std::current_exception();
              }
              happens_before(&finished_);
              t->state = Thread::returned;
              --live_;
            }
            suspend(*self);
          }
          return std::move(self->scheduler);
        });
#if defined(EMULATION_TSAN)
    worker->tsan = __tsan_create_fiber(0);
#endif
    workers_.push_back(std::move(worker));
    return *self;
  }
  // The next thread, if the fiber that just finished one can run it in place: the loop of a barrier-free kernel.
  Thread* adopt(Worker& worker) {
    if (error_ || kOneFiberPerThread) return nullptr;
    Thread* t = next();
    if (!t) return nullptr;
    if (t->worker) {  // it is suspended on another fiber: give it back
      ready_[(t - threads_.data()) / 32] |= 1u << (t - threads_.data()) % 32;
      return nullptr;
    }
    return enter(worker, t);
  }
  Thread* enter(Worker& worker, Thread* t) {
    const auto rank = static_cast<unsigned>(t - threads_.data());
    t->worker = &worker;
    t->state = Thread::running;
    t->index = {rank % blockDim.x, rank / blockDim.x % blockDim.y, rank / blockDim.x / blockDim.y};
    threadIdx = t->index;
    return current_ = t;
  }
  void resume(Worker& w, Thread* t) {
    enter(w, t);
#if defined(__SANITIZE_ADDRESS__)
    void* fake = nullptr;
    __sanitizer_start_switch_fiber(&fake, w.stack_bottom, Stack::size);
#elif defined(EMULATION_TSAN)
    void* here = __tsan_get_current_fiber();
    __tsan_switch_to_fiber(w.tsan, __tsan_switch_to_fiber_no_sync);
#endif
    w.context = std::move(w.context).resume();
#if defined(__SANITIZE_ADDRESS__)
    __sanitizer_finish_switch_fiber(fake, nullptr, nullptr);
#elif defined(EMULATION_TSAN)
    __tsan_switch_to_fiber(here, __tsan_switch_to_fiber_no_sync);
#endif
    if (current_->state == Thread::returned && !kOneFiberPerThread) idle_.push_back(&w);
    if (error_) std::rethrow_exception(std::exchange(error_, nullptr));
  }
  void suspend(Worker& w) {
#if defined(__SANITIZE_ADDRESS__)
    __sanitizer_start_switch_fiber(&w.fake_stack, host_bottom_, host_size_);
#endif
    w.scheduler = std::move(w.scheduler).resume();
    arrived_on(w);
  }
  void arrived_on([[maybe_unused]] Worker& w) {
#if defined(__SANITIZE_ADDRESS__)
    __sanitizer_finish_switch_fiber(w.fake_stack, &host_bottom_, &host_size_);
#endif
  }
  static bool same_place(Place a, Place b) { return a.line == b.line && a.file == b.file; }
  static std::string where(const Thread& t) {
    const auto triple = [](uint3 v) {
      return "(" + std::to_string(v.x) + "," + std::to_string(v.y) + "," + std::to_string(v.z) + ")";
    };
    return "thread " + triple(t.index) + " of block " + triple(blockIdx) +
           (t.state == Thread::returned
                ? " has returned"
                : std::string(" waits at ") + t.here.file + ":" + std::to_string(t.here.line));
  }
  [[noreturn]] static void diverged(const Thread& a, const Thread& b) {
    throw Divergence("divergent barrier: " + where(a) + ", but " + where(b));
  }

  const std::function<void()>* kernel_ = nullptr;
  std::mt19937* random_ = nullptr;
  std::vector<std::unique_ptr<Worker>> workers_, abandoned_;
  std::vector<Worker*> idle_;
  std::vector<Thread> threads_;
  std::vector<unsigned> warp_order_;
  unsigned ready_[32] = {};
  size_t live_ = 0;
  Thread* current_ = nullptr;
  std::exception_ptr error_;
  const void* host_bottom_ = nullptr;
  size_t host_size_ = 0;
  // What ThreadSanitizer sees of a barrier: whoever wakes from a meeting happens after all who came to it, but
  // not after those who have already come to the next one, nor after other blocks.
  char meetings_[256][33][4] = {};
  unsigned open_[33] = {};
  size_t block_number_ = 0;
  char launched_ = 0, finished_ = 0;
};
Block& block() {
  static Block* b = new Block;
  return *b;
}  // never destroyed: its fibers stay suspended

void poison_shared(size_t dynamic_bytes) {
  forget_history(__start_cuda_shared, __stop_cuda_shared);
  if (__start_cuda_shared)
    std::memset(__start_cuda_shared, kPoison, static_cast<size_t>(__stop_cuda_shared - __start_cuda_shared));
  block().shared.assign(dynamic_bytes, static_cast<char>(kPoison));
}
}  // namespace

void set_schedule(unsigned seed) { schedule_seed = seed; }
cudaError_t fail(cudaError_t code, const std::string& text) {
  last_text = text;
  return last_error = code;
}
bool is_device_pointer(const void* p) { return arena().owns(p); }
void* host_view(const void* p, size_t n) {
  Arena& a = arena();
  if (!a.owns(p)) throw std::invalid_argument("a host pointer where a device pointer belongs");
  const size_t at = static_cast<size_t>(static_cast<const char*>(p) - a.handles);
  auto found = a.live.upper_bound(at);
  if (found == a.live.begin() || at + n > std::prev(found)->first + std::prev(found)->second)
    throw std::out_of_range("outside every live device allocation");
  return a.bytes + at;
}
void translate(void* argument, size_t size, bool is_pointer) {
  for (size_t i = 0; i + sizeof(void*) <= size; i += sizeof(void*)) {
    char* p;
    std::memcpy(&p, static_cast<char*>(argument) + i, sizeof p);
    if (!arena().owns(p) && (!is_pointer || !p)) continue;
    p = static_cast<char*>(host_view(p, 0));
    std::memcpy(static_cast<char*>(argument) + i, &p, sizeof p);
  }
}
uint64_t wait(Sync kind, unsigned mask, uint64_t value, int source, Place here) {
  return block().wait(kind, mask, value, source, here);
}
unsigned thread_rank() { return block().rank(); }
void* dynamic_shared() { return block().shared.data(); }

cudaError_t run(const cudaLaunchConfig_t& config, const std::function<void()>& kernel) {
  const dim3 g = config.gridDim, b = config.blockDim;
  const size_t threads = size_t{b.x} * b.y * b.z, blocks = size_t{g.x} * g.y * g.z;
  if (threads == 0 || threads > 1024 || b.z > 64 || blocks == 0 || g.y > 65535 || g.z > 65535 ||
      config.dynamicSmemBytes > 99 << 10)
    return fail(cudaErrorInvalidConfiguration, "invalid launch configuration");
  gridDim = g;
  blockDim = b;
  std::mt19937 random(schedule_seed);
  std::vector<size_t> order(schedule_seed ? blocks : 0);
  std::iota(order.begin(), order.end(), size_t{0});
  std::shuffle(order.begin(), order.end(), random);
  try {
    for (size_t i = 0; i < blocks; ++i) {
      const size_t n = schedule_seed ? order[i] : i;
      blockIdx = {static_cast<unsigned>(n % g.x), static_cast<unsigned>(n / g.x % g.y),
                  static_cast<unsigned>(n / g.x / g.y)};
      poison_shared(config.dynamicSmemBytes);
      block().run(kernel, static_cast<unsigned>(threads), schedule_seed ? &random : nullptr);
    }
    block().finish();
  } catch (const std::exception& e) {
    block().abandon();
    return fail(cudaErrorLaunchFailure, e.what());
  } catch (...) {
    block().abandon();
    return fail(cudaErrorLaunchFailure, "a kernel threw an exception");
  }
  return cudaSuccess;
}
}  // namespace emulation

using emulation::arena;
using emulation::fail;
cudaError_t cudaPeekAtLastError() { return emulation::last_error; }
cudaError_t cudaGetLastError() { return std::exchange(emulation::last_error, cudaSuccess); }
const char* cudaGetErrorName(cudaError_t e) {
  return e == cudaSuccess              ? "cudaSuccess"
         : e == cudaErrorLaunchFailure ? "cudaErrorLaunchFailure"
                                       : "cudaError";
}
const char* cudaGetErrorString(cudaError_t e) {
  return e == cudaSuccess ? "no error" : emulation::last_text.c_str();
}
cudaError_t cudaGetDeviceCount(int* count) {
  *count = 1;
  return cudaSuccess;
}
cudaError_t cudaGetDeviceProperties(cudaDeviceProp* p, int) {
  *p = {"CUDA emulated on the CPU", emulation::kCapacity, 48 << 10, 99 << 10, 32, 1024, 8, 0, 1};
  return cudaSuccess;
}
cudaError_t cudaMalloc(void** pointer, size_t bytes) {
  *pointer = bytes ? arena().allocate(bytes) : nullptr;
  return *pointer || !bytes ? cudaSuccess : fail(cudaErrorMemoryAllocation, "out of device memory");
}
cudaError_t cudaFree(void* pointer) {
  if (!pointer) return cudaSuccess;
  auto& a = arena();
  const auto found = a.live.find(static_cast<size_t>(static_cast<char*>(pointer) - a.handles));
  if (!a.owns(pointer) || found == a.live.end())
    return fail(cudaErrorInvalidValue, "cudaFree: not the start of a live device allocation");
  const auto [at, n] = *found;
  const size_t need = a.footprint(n);
  ASAN_UNPOISON_MEMORY_REGION(a.bytes + at, need);
  const bool intact = std::all_of(a.bytes + at + n, a.bytes + at + need,
                                  [](char c) { return c == static_cast<char>(emulation::kPoison); });
  std::memset(a.bytes + at, emulation::kPoison, need);
  ASAN_POISON_MEMORY_REGION(a.bytes + at, need);
  a.live.erase(found);
  auto hole = a.free.emplace(at, need).first;
  if (auto after = std::next(hole); after != a.free.end() && at + need == after->first)
    hole->second += after->second, a.free.erase(after);
  if (hole != a.free.begin()) {
    if (auto before = std::prev(hole); before->first + before->second == at)
      before->second += hole->second, a.free.erase(hole);
  }
  return intact ? cudaSuccess
                : fail(cudaErrorIllegalAddress, "a kernel wrote past the end of a device allocation");
}
cudaError_t cudaMemcpy(void* to, const void* from, size_t bytes, cudaMemcpyKind kind) {
  if (bytes == 0) return cudaSuccess;
  const bool into = emulation::is_device_pointer(to), out_of = emulation::is_device_pointer(from);
  const auto actual = into ? (out_of ? cudaMemcpyDeviceToDevice : cudaMemcpyHostToDevice)
                           : (out_of ? cudaMemcpyDeviceToHost : cudaMemcpyHostToHost);
  if (kind != cudaMemcpyDefault && kind != actual)
    return fail(cudaErrorInvalidValue, "cudaMemcpy: the pointers do not match the direction");
  try {
    std::memmove(into ? emulation::host_view(to, bytes) : to,
                 out_of ? emulation::host_view(from, bytes) : from, bytes);
  } catch (const std::exception& e) {
    return fail(cudaErrorInvalidValue, std::string("cudaMemcpy: ") + e.what());
  }
  return cudaSuccess;
}
cudaError_t cudaMemset(void* pointer, int byte, size_t bytes) {
  if (bytes == 0) return cudaSuccess;
  try {
    std::memset(emulation::host_view(pointer, bytes), byte, bytes);
  } catch (const std::exception& e) {
    return fail(cudaErrorInvalidValue, std::string("cudaMemset: ") + e.what());
  }
  return cudaSuccess;
}
using Clock = std::chrono::steady_clock;
cudaError_t cudaEventCreate(cudaEvent_t* e) {
  *e = reinterpret_cast<cudaEvent_t>(new Clock::time_point);
  return cudaSuccess;
}
cudaError_t cudaEventDestroy(cudaEvent_t e) {
  delete reinterpret_cast<Clock::time_point*>(e);
  return cudaSuccess;
}
cudaError_t cudaEventRecord(cudaEvent_t e, cudaStream_t) {
  *reinterpret_cast<Clock::time_point*>(e) = Clock::now();
  return cudaSuccess;
}
cudaError_t cudaEventElapsedTime(float* ms, cudaEvent_t a, cudaEvent_t b) {
  *ms = std::chrono::duration<float, std::milli>(*reinterpret_cast<Clock::time_point*>(b) -
                                                 *reinterpret_cast<Clock::time_point*>(a))
            .count();
  return cudaSuccess;
}
