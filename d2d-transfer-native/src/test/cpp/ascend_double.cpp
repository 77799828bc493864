// A stand-in for libascendcl.so with the functions that the library uses; see driver_double.h. With
// HFX_DOUBLE_OLD set, it is an older release: exports keep a list of the processes let in.
#include "driver_double.h"

#include <set>
#include <type_traits>

#include "../../main/cpp/foreign/ascend_api.h"

using namespace hfx::ascend;

namespace {

constexpr Result kInvalidParameter = 107000;
constexpr Result kNoContext = 107002;
constexpr Result kNotThere = 507899;

bool initialised = false;
bool peers[twin::kDevices][twin::kDevices] = {};
thread_local int current = -1;

uint64_t addressOf(const void* pointer) { return reinterpret_cast<uint64_t>(pointer); }
twin::Stream* streamOf(Stream stream) {
    auto* known = static_cast<twin::Stream*>(stream);
    return twin::state().streams.count(known) == 0 ? nullptr : known;
}
bool old() { return getenv("HFX_DOUBLE_OLD") != nullptr; }

// What this process exported (0) or imported (its address), by key. The list of the processes let in
// is a file, since it is read by another process.
std::map<std::string, uint64_t> imports;
std::string listOf(int pid) { return P_tmpdir "/hfx-double-" + std::to_string(pid); }

}  // namespace

#define ENTER(name)                                         \
    std::unique_lock<std::mutex> lock(twin::state().mutex); \
    const Result injected = twin::enter(#name);
#define FAIL_IF_ASKED(name)     \
    ENTER(name)                 \
    if (injected != kSuccess) { \
        return injected;        \
    }
#define NEED_DEVICE(name)   \
    FAIL_IF_ASKED(name)     \
    if (current < 0) {      \
        return kNoContext;  \
    }

#define API extern "C" __attribute__((visibility("default"))) Result

API aclInit(const char* config) {
    FAIL_IF_ASKED(aclInit)
    if (initialised) {
        return kAlreadyInitialised;
    }
    initialised = config == nullptr;
    return initialised ? kSuccess : kInvalidParameter;
}

extern "C" __attribute__((visibility("default"))) const char* aclGetRecentErrMsg() {
    return "the double was asked to fail";
}

API aclrtGetDeviceCount(uint32_t* count) {
    FAIL_IF_ASKED(aclrtGetDeviceCount)
    *count = twin::kDevices;
    return kSuccess;
}

API aclrtSetDevice(int32_t device) {
    FAIL_IF_ASKED(aclrtSetDevice)
    if (device < 0 || device >= twin::kDevices) {
        return kInvalidParameter;
    }
    current = device;
    return kSuccess;
}

API aclrtMalloc(void** at, size_t bytes, MallocPolicy policy) {
    NEED_DEVICE(aclrtMalloc)
    if (policy != kHugeFirst) {
        return kInvalidParameter;
    }
    *at = reinterpret_cast<void*>(twin::allocate(current, bytes));
    return *at == nullptr ? kOutOfMemory : kSuccess;
}

API aclrtFree(void* at) {
    ENTER(aclrtFree)
    if (current < 0) {
        return kNoContext;
    }
    return twin::release(addressOf(at), false) ? injected : kInvalidParameter;
}

API aclrtMemcpyAsync(void* to, size_t room, const void* from, size_t bytes, CopyKind kind,
                     Stream stream) {
    NEED_DEVICE(aclrtMemcpyAsync)
    twin::Stream* known = streamOf(stream);
    const bool toGood = kind == kDeviceToHost ? twin::isHost(to)
                                              : twin::hostOf(addressOf(to), room) != nullptr;
    const bool fromGood = kind == kHostToDevice ? twin::isHost(from)
                                                : twin::hostOf(addressOf(from), bytes) != nullptr;
    if (known == nullptr || bytes == 0 || bytes > room || !toGood || !fromGood) {
        return kInvalidParameter;
    }
    if (kind == kDeviceToDevice) {
        const auto device = [](const void* at) {
            return std::prev(twin::state().blocks.upper_bound(addressOf(at)))->second.device;
        };
        for (const int other : {device(to), device(from)}) {
            if (other != current && !peers[current][other]) {
                return kInvalidParameter;
            }
        }
    }
    known->waiting.push_back({addressOf(to), addressOf(from), bytes});
    known->submitted++;
    return kSuccess;
}

API aclrtDeviceCanAccessPeer(int32_t* can, int32_t device, int32_t peer) {
    FAIL_IF_ASKED(aclrtDeviceCanAccessPeer)
    *can = device != peer;
    return kSuccess;
}

API aclrtDeviceEnablePeerAccess(int32_t peer, uint32_t flags) {
    NEED_DEVICE(aclrtDeviceEnablePeerAccess)
    if (flags != 0 || peer < 0 || peer >= twin::kDevices || peers[current][peer]) {
        return kInvalidParameter;
    }
    peers[current][peer] = true;
    return kSuccess;
}

API aclrtCreateStream(Stream* stream) {
    NEED_DEVICE(aclrtCreateStream)
    *stream = twin::newStream(current);
    return kSuccess;
}

API aclrtSynchronizeStream(Stream stream) {
    ENTER(aclrtSynchronizeStream)
    twin::Stream* known = streamOf(stream);
    if (known == nullptr) {
        return kInvalidParameter;
    }
    twin::run(lock, known, known->submitted);
    return injected;
}

API aclrtDestroyStream(Stream stream) {
    ENTER(aclrtDestroyStream)
    if (streamOf(stream) == nullptr) {
        return kInvalidParameter;
    }
    return twin::destroyStream(streamOf(stream)) ? injected : kNotThere;
}

API aclrtIpcMemGetExportKey(void* at, size_t bytes, char* key, size_t room, uint64_t flags) {
    NEED_DEVICE(aclrtIpcMemGetExportKey)
    const twin::Block* block = twin::blockOf(addressOf(at));
    if (block == nullptr || block->imported || room != kKeyBytes || bytes % (2u << 20) != 0
        || bytes > block->bytes || flags > 1 || (old() && flags != 0)) {
        return kInvalidParameter;
    }
    // An old key opens nothing until the importer's process is on the list.
    snprintf(key, room, "%s%s", flags == 0 ? "listed " : "", block->key.c_str());
    twin::state().live++;
    imports[key] = 0;
    return kSuccess;
}

API aclrtIpcMemSetImportPid(const char* key, int32_t* pids, size_t count) {
    NEED_DEVICE(aclrtIpcMemSetImportPid)
    if (imports.count(key) == 0 || count != 1 || pids[0] <= 0) {
        return kInvalidParameter;
    }
    const std::string list = listOf(getpid());
    FILE* file = fopen(list.c_str(), "a");
    if (file == nullptr) {
        return kNotThere;
    }
    fprintf(file, "%d\n", pids[0]);
    fclose(file);
    return kSuccess;
}

API aclrtDeviceGetBareTgid(int32_t* pid) {
    NEED_DEVICE(aclrtDeviceGetBareTgid)
    *pid = getpid();
    return kSuccess;
}

API aclrtIpcMemImportByKey(void** at, const char* key, uint64_t flags) {
    NEED_DEVICE(aclrtIpcMemImportByKey)
    if (flags != kImportWithPeerAccess) {
        return kInvalidParameter;
    }
    const char* opens = key;
    if (strncmp(key, "listed ", 7) == 0) {
        opens = key + 7;
        const std::string list = listOf(atoi(opens));
        FILE* file = fopen(list.c_str(), "r");
        int pid = 0;
        bool found = false;
        while (file != nullptr && fscanf(file, "%d", &pid) == 1) {
            found |= pid == getpid();
        }
        if (file != nullptr) {
            fclose(file);
        }
        if (!found) {
            return kNotThere;
        }
    }
    const uint64_t address = twin::import(opens, current);
    if (address == 0) {
        return kNotThere;
    }
    imports[key] = address;
    *at = reinterpret_cast<void*>(address);
    return kSuccess;
}

API aclrtIpcMemClose(const char* key) {
    ENTER(aclrtIpcMemClose)
    const auto found = imports.find(key);
    if (found == imports.end()) {
        return kNotThere;
    }
    const uint64_t address = found->second;
    imports.erase(found);
    if (address != 0) {
        return twin::release(address, true) ? injected : kInvalidParameter;
    }
    unlink(listOf(getpid()).c_str());
    twin::state().live--;
    return injected;
}

#define SAME(name, ...) \
    static_assert(std::is_same_v<decltype(&name), Result (*)(__VA_ARGS__)>, #name);
HFX_ASCEND_REQUIRED(SAME)
HFX_ASCEND_OPTIONAL(SAME)
