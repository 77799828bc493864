// A stand-in for libcuda.so.1 with the functions that the library uses; see driver_double.h.
#include "driver_double.h"

#include <type_traits>
#include <vector>

#include "../../main/cpp/foreign/cuda_api.h"

using namespace hfx::cuda;

namespace {

constexpr Result kInvalidContext = 201;
constexpr Result kUnknown = 999;

bool initialised = false;
int retained[twin::kDevices] = {};
bool peers[twin::kDevices][twin::kDevices] = {};
thread_local std::vector<int> stack;  // devices whose contexts are current

Context contextOf(int device) { return reinterpret_cast<Context>(static_cast<intptr_t>(device + 1)); }
int deviceOf(Context context) {
    const auto number = reinterpret_cast<intptr_t>(context);
    return number >= 1 && number <= twin::kDevices ? static_cast<int>(number - 1) : -1;
}
twin::Stream* streamOf(Stream stream) {
    auto* known = reinterpret_cast<twin::Stream*>(stream);
    return twin::state().streams.count(known) == 0 ? nullptr : known;
}

Result submit(Stream stream, uint64_t to, uint64_t from, size_t bytes) {
    twin::Stream* known = streamOf(stream);
    if (known == nullptr || bytes == 0) {
        return kInvalidValue;  // the default stream is none of ours
    }
    known->waiting.push_back({to, from, bytes});
    known->submitted++;
    return kSuccess;
}

}  // namespace

#define ENTER(name)                                         \
    std::unique_lock<std::mutex> lock(twin::state().mutex); \
    const Result injected = twin::enter(#name);
#define FAIL_IF_ASKED(name)      \
    ENTER(name)                  \
    if (injected != kSuccess) {  \
        return injected;         \
    }
#define NEED_CONTEXT(name)       \
    FAIL_IF_ASKED(name)          \
    if (stack.empty()) {         \
        return kInvalidContext;  \
    }

#define API extern "C" __attribute__((visibility("default"))) Result

API cuInit(unsigned flags) {
    FAIL_IF_ASKED(cuInit)
    initialised = flags == 0;
    return initialised ? kSuccess : kInvalidValue;
}

API cuGetErrorName(Result result, const char** name) {
    *name = result == kOutOfMemory ? "CUDA_ERROR_OUT_OF_MEMORY" : "CUDA_ERROR_OF_THE_DOUBLE";
    return kSuccess;
}

API cuDeviceGetCount(int* count) {
    FAIL_IF_ASKED(cuDeviceGetCount)
    *count = initialised ? twin::kDevices : 0;
    return kSuccess;
}

API cuDeviceGet(Ordinal* device, int ordinal) {
    FAIL_IF_ASKED(cuDeviceGet)
    *device = ordinal;
    return ordinal >= 0 && ordinal < twin::kDevices ? kSuccess : kNoDevice;
}

API cuDevicePrimaryCtxRetain(Context* context, Ordinal device) {
    FAIL_IF_ASKED(cuDevicePrimaryCtxRetain)
    retained[device]++;
    twin::state().live++;
    *context = contextOf(device);
    return kSuccess;
}

// A release does its work also when it reports an (earlier) failure, as drivers do.
API cuDevicePrimaryCtxRelease_v2(Ordinal device) {
    ENTER(cuDevicePrimaryCtxRelease_v2)
    if (retained[device] == 0) {
        return kInvalidContext;
    }
    retained[device]--;
    twin::state().live--;
    return injected;
}

API cuCtxPushCurrent_v2(Context context) {
    FAIL_IF_ASKED(cuCtxPushCurrent_v2)
    const int device = deviceOf(context);
    if (device < 0 || retained[device] == 0) {
        return kInvalidContext;
    }
    stack.push_back(device);
    twin::state().live++;
    return kSuccess;
}

API cuCtxPopCurrent_v2(Context* context) {
    ENTER(cuCtxPopCurrent_v2)
    if (stack.empty()) {
        return kInvalidContext;
    }
    *context = contextOf(stack.back());
    stack.pop_back();
    twin::state().live--;
    return injected;
}

API cuDeviceCanAccessPeer(int* can, Ordinal device, Ordinal peer) {
    FAIL_IF_ASKED(cuDeviceCanAccessPeer)
    *can = device != peer;
    return kSuccess;
}

API cuCtxEnablePeerAccess(Context peer, unsigned flags) {
    NEED_CONTEXT(cuCtxEnablePeerAccess)
    const int other = deviceOf(peer);
    if (other < 0 || flags != 0 || other == stack.back()) {
        return kInvalidValue;
    }
    bool& enabled = peers[stack.back()][other];
    if (enabled) {
        return kPeerAlreadyEnabled;
    }
    enabled = true;
    return kSuccess;
}

API cuMemAlloc_v2(Address* address, size_t bytes) {
    NEED_CONTEXT(cuMemAlloc_v2)
    *address = twin::allocate(stack.back(), bytes);
    return *address == 0 ? kOutOfMemory : kSuccess;
}

API cuMemFree_v2(Address address) {
    ENTER(cuMemFree_v2)
    if (stack.empty()) {
        return kInvalidContext;
    }
    return twin::release(address, false) ? injected : kInvalidValue;
}

API cuMemGetAddressRange_v2(Address* base, size_t* bytes, Address address) {
    NEED_CONTEXT(cuMemGetAddressRange_v2)
    const twin::Block* block = twin::blockOf(address);
    if (block == nullptr) {
        return kInvalidValue;
    }
    *base = address;
    *bytes = block->bytes;
    return kSuccess;
}

API cuMemcpyHtoDAsync_v2(Address to, const void* from, size_t bytes, Stream stream) {
    NEED_CONTEXT(cuMemcpyHtoDAsync_v2)
    if (twin::hostOf(to, bytes) == nullptr || !twin::isHost(from)) {
        return kInvalidValue;
    }
    return submit(stream, to, reinterpret_cast<uint64_t>(from), bytes);
}

API cuMemcpyDtoHAsync_v2(void* to, Address from, size_t bytes, Stream stream) {
    NEED_CONTEXT(cuMemcpyDtoHAsync_v2)
    if (twin::hostOf(from, bytes) == nullptr || !twin::isHost(to)) {
        return kInvalidValue;
    }
    return submit(stream, reinterpret_cast<uint64_t>(to), from, bytes);
}

API cuMemcpyDtoDAsync_v2(Address to, Address from, size_t bytes, Stream stream) {
    NEED_CONTEXT(cuMemcpyDtoDAsync_v2)
    if (twin::hostOf(to, bytes) == nullptr || twin::hostOf(from, bytes) == nullptr) {
        return kInvalidValue;
    }
    return submit(stream, to, from, bytes);
}

API cuMemcpyPeerAsync(Address to, Context toContext, Address from, Context fromContext,
                      size_t bytes, Stream stream) {
    NEED_CONTEXT(cuMemcpyPeerAsync)
    if (twin::hostOf(to, bytes) == nullptr || twin::hostOf(from, bytes) == nullptr
        || deviceOf(toContext) < 0 || deviceOf(fromContext) < 0 || toContext == fromContext) {
        return kInvalidValue;
    }
    return submit(stream, to, from, bytes);
}

API cuStreamCreate(Stream* stream, unsigned flags) {
    NEED_CONTEXT(cuStreamCreate)
    if (flags != kStreamNonBlocking) {
        return kInvalidValue;
    }
    *stream = reinterpret_cast<Stream>(twin::newStream(stack.back()));
    return kSuccess;
}

API cuStreamSynchronize(Stream stream) {
    ENTER(cuStreamSynchronize)
    twin::Stream* known = streamOf(stream);
    if (known == nullptr) {
        return kInvalidValue;
    }
    twin::run(lock, known, known->submitted);
    return injected;
}

API cuStreamDestroy_v2(Stream stream) {
    ENTER(cuStreamDestroy_v2)
    if (streamOf(stream) == nullptr) {
        return kInvalidValue;
    }
    return twin::destroyStream(streamOf(stream)) ? injected : kUnknown;
}

API cuEventCreate(Event* event, unsigned flags) {
    NEED_CONTEXT(cuEventCreate)
    if (flags != (kEventBlockingSync | kEventDisableTiming)) {
        return kInvalidValue;
    }
    *event = reinterpret_cast<Event>(new twin::Event());
    twin::state().live++;
    return kSuccess;
}

API cuEventRecord(Event event, Stream stream) {
    NEED_CONTEXT(cuEventRecord)
    twin::Stream* known = streamOf(stream);
    if (known == nullptr) {
        return kInvalidValue;
    }
    *reinterpret_cast<twin::Event*>(event) = {known, known->submitted};
    return kSuccess;
}

API cuEventSynchronize(Event event) {
    FAIL_IF_ASKED(cuEventSynchronize)
    auto* known = reinterpret_cast<twin::Event*>(event);
    if (known->stream != nullptr) {
        twin::run(lock, known->stream, known->position);
    }
    return kSuccess;
}

API cuEventDestroy_v2(Event event) {
    ENTER(cuEventDestroy_v2)
    delete reinterpret_cast<twin::Event*>(event);
    twin::state().live--;
    return injected;
}

API cuIpcGetMemHandle(IpcHandle* handle, Address address) {
    NEED_CONTEXT(cuIpcGetMemHandle)
    const twin::Block* block = twin::blockOf(address);
    if (block == nullptr || block->imported) {
        return kInvalidValue;
    }
    memset(handle, 0, sizeof *handle);
    memcpy(handle, block->key.c_str(), block->key.size());
    return kSuccess;
}

API cuIpcOpenMemHandle_v2(Address* address, IpcHandle handle, unsigned flags) {
    NEED_CONTEXT(cuIpcOpenMemHandle_v2)
    handle.data[sizeof handle.data - 1] = '\0';
    if (flags != kIpcLazyEnablePeerAccess) {
        return kInvalidValue;
    }
    *address = twin::import(handle.data, stack.back());
    return *address == 0 ? kUnknown : kSuccess;
}

API cuIpcCloseMemHandle(Address address) {
    ENTER(cuIpcCloseMemHandle)
    if (stack.empty()) {
        return kInvalidContext;
    }
    return twin::release(address, true) ? injected : kInvalidValue;
}

#define SAME(name, ...) \
    static_assert(std::is_same_v<decltype(&name), Result (*)(__VA_ARGS__)>, #name);
HFX_CUDA_SYMBOLS(SAME)
