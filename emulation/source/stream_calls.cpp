// SPDX-License-Identifier: MIT

// Functions of the runtime about streams and events.

#include <algorithm>

#include "runtime.hpp"

namespace emulation {
namespace {

void create(Runtime& r, cudaStream_t* stream, bool blocking) {
  *stream = new CUstream_st(current_device(), blocking);
  r.streams.insert(*stream);
}

/// What a pool does when the host waits.
void release_cached(Runtime& r, int device) {
  Usage& u = r.usage[device];
  u.reserved = std::max(u.pooled, std::min(u.reserved, u.threshold));
}

/// A question whether work is done does one piece of it, so that a loop that asks ends.
bool advance(Stream& stream, std::uint64_t until) {
  if (stream.done() >= until) return true;
  stream.drain(stream.done() + 1);
  return false;
}

}  // namespace
}  // namespace emulation

using emulation::call;
using emulation::Failure;
using emulation::Runtime;

cudaError_t cudaStreamCreate(cudaStream_t* stream) {
  return call(__func__, [&](Runtime& r) { emulation::create(r, stream, true); });
}
cudaError_t cudaStreamCreateWithFlags(cudaStream_t* stream, unsigned flags) {
  return call(__func__,
              [&](Runtime& r) { emulation::create(r, stream, (flags & cudaStreamNonBlocking) == 0); });
}
cudaError_t cudaStreamDestroy(cudaStream_t stream) {
  return call(__func__, [&](Runtime& r) {
    r.stream(stream).drain();
    r.streams.erase(stream);
    r.destroyed.emplace_back(stream);
  });
}
cudaError_t cudaStreamSynchronize(cudaStream_t stream) {
  return call(__func__, [&](Runtime& r) {
    ++r.counters.stream_waits;
    emulation::Stream& s = r.stream(stream);
    s.drain();
    emulation::release_cached(r, s.device);
  });
}
cudaError_t cudaStreamQuery(cudaStream_t stream) {
  return call(__func__, [&](Runtime& r) {
    emulation::Stream& s = r.stream(stream);
    if (!emulation::advance(s, s.queued())) throw Failure{cudaErrorNotReady, "device not ready"};
    s.drain();
  });
}
cudaError_t cudaStreamWaitEvent(cudaStream_t stream, cudaEvent_t event, unsigned) {
  return call(__func__, [&](Runtime& r) {
    emulation::Stream& s = r.stream(stream);
    if (event->moment) r.queue(s, {[moment = event->moment] { moment->reach(); }});
  });
}
cudaError_t cudaLaunchHostFunc(cudaStream_t stream, cudaHostFn_t function, void* data) {
  return call(__func__, [&](Runtime& r) { r.queue(r.stream(stream), {[=] { function(data); }}); });
}

cudaError_t cudaEventCreateWithFlags(cudaEvent_t* event, unsigned flags) {
  return call(__func__,
              [&](Runtime&) { *event = new CUevent_st{.timed = (flags & cudaEventDisableTiming) == 0}; });
}
cudaError_t cudaEventCreate(cudaEvent_t* event) { return cudaEventCreateWithFlags(event, cudaEventDefault); }
cudaError_t cudaEventDestroy(cudaEvent_t event) {
  return call(__func__, [&](Runtime&) { delete event; });
}
cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t stream) {
  return call(__func__, [&](Runtime& r) {
    emulation::Stream& s = r.stream(stream);
    const auto moment = std::make_shared<emulation::Moment>();
    r.queue(s, {[moment, timed = event->timed] {
              const emulation::Unwatched scope;
              moment->stream = nullptr;
              if (timed) moment->time = std::chrono::steady_clock::now();
              emulation::happens_before(&moment->passed);
            }});
    moment->stream = &s;
    moment->number = s.queued();
    event->moment = moment;
  });
}
cudaError_t cudaEventSynchronize(cudaEvent_t event) {
  return call(__func__, [&](Runtime& r) {
    ++r.counters.stream_waits;
    if (!event->moment) return;
    if (event->moment->stream != nullptr) emulation::release_cached(r, event->moment->stream->device);
    event->moment->reach();
  });
}
cudaError_t cudaEventQuery(cudaEvent_t event) {
  return call(__func__, [&](Runtime&) {
    const auto moment = event->moment;
    if (!moment) return;
    if (moment->stream != nullptr && !emulation::advance(*moment->stream, moment->number))
      throw Failure{cudaErrorNotReady, "device not ready"};
    moment->reach();
  });
}
cudaError_t cudaEventElapsedTime(float* milliseconds, cudaEvent_t start, cudaEvent_t stop) {
  return call(__func__, [&](Runtime&) {
    if (!start->timed || !stop->timed)
      throw Failure{cudaErrorInvalidResourceHandle, "an event that was created without timing"};
    if (!start->moment || !stop->moment) throw std::invalid_argument("an event that was never recorded");
    if (start->moment->stream != nullptr || stop->moment->stream != nullptr)
      throw Failure{cudaErrorNotReady, "device not ready"};
    *milliseconds =
        std::chrono::duration<float, std::milli>(stop->moment->time - start->moment->time).count();
  });
}
