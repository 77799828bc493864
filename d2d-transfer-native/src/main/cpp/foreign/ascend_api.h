// What this library uses of the Ascend Computing Language (libascendcl.so), declared from its
// documented ABI: no CANN toolkit is needed to build.
#pragma once

#include <cstddef>
#include <cstdint>

namespace hfx::ascend {

using Result = int;
using Stream = void*;
enum MallocPolicy : int32_t { kHugeFirst = 0 };
enum CopyKind : int32_t { kHostToDevice = 1, kDeviceToHost = 2, kDeviceToDevice = 3 };

static_assert(sizeof(Result) == 4, "aclError");
static_assert(sizeof(MallocPolicy) == 4 && sizeof(CopyKind) == 4, "C enums of acl_rt.h");
static_assert(sizeof(void*) == 8 && sizeof(size_t) == 8, "64-bit hosts only");

constexpr Result kSuccess = 0;
constexpr Result kAlreadyInitialised = 100002;
constexpr Result kOutOfMemory = 207001;
constexpr size_t kKeyBytes = 65;
constexpr uint64_t kExportWithoutPids = 1;
constexpr uint64_t kImportWithPeerAccess = 1;

// X(symbol, arguments...): every function returns a Result.
#define HFX_ASCEND_REQUIRED(X)                                                              \
    X(aclInit, const char*)                                                                 \
    X(aclrtGetDeviceCount, uint32_t*)                                                       \
    X(aclrtSetDevice, int32_t)                                                              \
    X(aclrtMalloc, void**, size_t, MallocPolicy)                                            \
    X(aclrtFree, void*)                                                                     \
    X(aclrtMemcpyAsync, void*, size_t, const void*, size_t, CopyKind, Stream)               \
    X(aclrtDeviceCanAccessPeer, int32_t*, int32_t, int32_t)                                 \
    X(aclrtDeviceEnablePeerAccess, int32_t, uint32_t)                                       \
    X(aclrtCreateStream, Stream*)                                                           \
    X(aclrtSynchronizeStream, Stream)                                                       \
    X(aclrtDestroyStream, Stream)

// Of newer CANN releases: without them the backend copies, but shares nothing between processes.
#define HFX_ASCEND_OPTIONAL(X)                                                              \
    X(aclrtIpcMemGetExportKey, void*, size_t, char*, size_t, uint64_t)                      \
    X(aclrtIpcMemSetImportPid, const char*, int32_t*, size_t)                               \
    X(aclrtDeviceGetBareTgid, int32_t*)                                                     \
    X(aclrtIpcMemImportByKey, void**, const char*, uint64_t)                                \
    X(aclrtIpcMemClose, const char*)

struct Api {
#define HFX_FIELD(name, ...) Result (*name)(__VA_ARGS__) = nullptr;
    HFX_ASCEND_REQUIRED(HFX_FIELD)
    HFX_ASCEND_OPTIONAL(HFX_FIELD)
#undef HFX_FIELD
    const char* (*aclGetRecentErrMsg)() = nullptr;  // optional, too
};

}  // namespace hfx::ascend
