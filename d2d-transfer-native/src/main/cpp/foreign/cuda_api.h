// What this library uses of the CUDA driver API, declared from its documented ABI: no toolkit is
// needed to build. Names, argument order and the suffixes (_v2 is the 64-bit form) are those of
// libcuda.so.1; the test cuda_header_check.cpp compares them with a cuda.h where there is one.
#pragma once

#include <cstddef>
#include <cstdint>

namespace hfx::cuda {

using Result = int;
using Ordinal = int;
using Address = unsigned long long;
using Context = struct ContextTag*;
using Stream = struct StreamTag*;
using Event = struct EventTag*;
// Passed by value: its size is part of the ABI.
struct IpcHandle {
    char data[64];
};

static_assert(sizeof(Result) == 4 && sizeof(Ordinal) == 4, "an enum and an int of the driver");
static_assert(sizeof(Address) == 8, "device addresses are 64 bits wide");
static_assert(sizeof(IpcHandle) == 64 && alignof(IpcHandle) == 1, "CUipcMemHandle");
static_assert(sizeof(void*) == 8 && sizeof(size_t) == 8, "64-bit hosts only");

constexpr Result kSuccess = 0;
constexpr Result kInvalidValue = 1;
constexpr Result kOutOfMemory = 2;
constexpr Result kNoDevice = 100;
constexpr Result kNotFound = 500;
constexpr Result kPeerAlreadyEnabled = 704;
constexpr Result kNotSupported = 801;
constexpr unsigned kStreamNonBlocking = 1;
constexpr unsigned kEventBlockingSync = 1;
constexpr unsigned kEventDisableTiming = 2;
constexpr unsigned kIpcLazyEnablePeerAccess = 1;

// X(symbol, arguments...): every function returns a Result.
#define HFX_CUDA_SYMBOLS(X)                                                                 \
    X(cuInit, unsigned)                                                                     \
    X(cuGetErrorName, Result, const char**)                                                 \
    X(cuDeviceGetCount, int*)                                                               \
    X(cuDeviceGet, Ordinal*, int)                                                           \
    X(cuDevicePrimaryCtxRetain, Context*, Ordinal)                                          \
    X(cuDevicePrimaryCtxRelease_v2, Ordinal)                                                \
    X(cuCtxPushCurrent_v2, Context)                                                         \
    X(cuCtxPopCurrent_v2, Context*)                                                         \
    X(cuDeviceCanAccessPeer, int*, Ordinal, Ordinal)                                        \
    X(cuCtxEnablePeerAccess, Context, unsigned)                                             \
    X(cuMemAlloc_v2, Address*, size_t)                                                      \
    X(cuMemFree_v2, Address)                                                                \
    X(cuMemGetAddressRange_v2, Address*, size_t*, Address)                                  \
    X(cuMemcpyHtoDAsync_v2, Address, const void*, size_t, Stream)                           \
    X(cuMemcpyDtoHAsync_v2, void*, Address, size_t, Stream)                                 \
    X(cuMemcpyDtoDAsync_v2, Address, Address, size_t, Stream)                               \
    X(cuMemcpyPeerAsync, Address, Context, Address, Context, size_t, Stream)                \
    X(cuStreamCreate, Stream*, unsigned)                                                    \
    X(cuStreamSynchronize, Stream)                                                          \
    X(cuStreamDestroy_v2, Stream)                                                           \
    X(cuEventCreate, Event*, unsigned)                                                      \
    X(cuEventRecord, Event, Stream)                                                         \
    X(cuEventSynchronize, Event)                                                            \
    X(cuEventDestroy_v2, Event)                                                             \
    X(cuIpcGetMemHandle, IpcHandle*, Address)                                               \
    X(cuIpcOpenMemHandle_v2, Address*, IpcHandle, unsigned)                                 \
    X(cuIpcCloseMemHandle, Address)

struct Api {
#define HFX_FIELD(name, ...) Result (*name)(__VA_ARGS__) = nullptr;
    HFX_CUDA_SYMBOLS(HFX_FIELD)
#undef HFX_FIELD
};

}  // namespace hfx::cuda
