// What the two driver doubles share: device memory that a host pointer cannot reach by mistake,
// streams that do nothing until somebody waits for them, failures on demand, and counts of what was
// not given back. Tests only; nothing here says anything about the speed of a real device.
#pragma once

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <condition_variable>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <list>
#include <map>
#include <mutex>
#include <string>

namespace twin {

constexpr int kDevices = 2;
constexpr uint64_t kCapacity = 256ull << 20;
// Marks an address as a device's: to follow it on the host is a fault.
constexpr uint64_t kTag = 1ull << 60;

struct Block {
    uint64_t bytes;
    int device;
    int file;
    bool imported;
    std::string key;
};

struct Operation {
    uint64_t to, from, bytes;
};

struct Stream {
    int device;
    std::list<Operation> waiting;
    uint64_t submitted = 0;
    uint64_t done = 0;
};

struct Event {
    Stream* stream = nullptr;
    uint64_t position = 0;
};

struct State {
    std::mutex mutex;
    std::condition_variable released;
    std::map<uint64_t, Block> blocks;  // by tagged address
    std::map<Stream*, int> streams;
    uint64_t used[kDevices] = {};
    int live = 0;
    bool held = false;
    std::map<std::string, int> calls;
    std::string failing;
    int countdown = 0;
    int code = 0;

    State() {
        // HFX_DOUBLE_FAIL=function:nth:code, for processes that cannot call hfx_double_fail.
        const char* wish = getenv("HFX_DOUBLE_FAIL");
        char name[64];
        if (wish != nullptr && sscanf(wish, "%63[^:]:%d:%d", name, &countdown, &code) == 3) {
            failing = name;
        }
    }
};

inline State& state() {
    static State& state = *new State();
    return state;
}

// Begins a call; not 0: the failure that was asked for. With the mutex held.
inline int enter(const char* function) {
    State& s = state();
    s.calls[function]++;
    if (s.failing == function && s.countdown > 0 && --s.countdown == 0) {
        return s.code;
    }
    return 0;
}

// The host's pointer to device memory; null where the range is not inside one block.
inline char* hostOf(uint64_t address, uint64_t bytes) {
    auto& blocks = state().blocks;
    auto after = blocks.upper_bound(address);
    if (after == blocks.begin()) {
        return nullptr;
    }
    const auto& [start, block] = *--after;
    const uint64_t offset = address - start;
    return offset <= block.bytes && bytes <= block.bytes - offset
               ? reinterpret_cast<char*>(address & ~kTag)
               : nullptr;
}

inline const Block* blockOf(uint64_t start) {
    auto found = state().blocks.find(start);
    return found == state().blocks.end() ? nullptr : &found->second;
}

inline uint64_t add(int file, uint64_t bytes, int device, bool imported) {
    void* at = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (at == MAP_FAILED) {
        return 0;
    }
    const uint64_t address = reinterpret_cast<uint64_t>(at) | kTag;
    char key[64];
    snprintf(key, sizeof key, "%d %d %llu", getpid(), file, static_cast<unsigned long long>(bytes));
    state().blocks[address] = {bytes, device, file, imported, key};
    state().live++;
    return address;
}

// 0: the device is full.
inline uint64_t allocate(int device, uint64_t bytes) {
    State& s = state();
    if (bytes > kCapacity - s.used[device]) {
        return 0;
    }
    int file = memfd_create("driver-double", MFD_CLOEXEC);
    if (file < 0 || ftruncate(file, static_cast<off_t>(bytes)) != 0) {
        return 0;
    }
    const uint64_t address = add(file, bytes, device, false);
    s.used[device] += address == 0 ? 0 : bytes;
    return address;
}

// False: no such block, or a copy into or out of it has not been waited for.
inline bool release(uint64_t address, bool imported) {
    State& s = state();
    auto found = s.blocks.find(address);
    if (found == s.blocks.end() || found->second.imported != imported) {
        return false;
    }
    const uint64_t end = address + found->second.bytes;
    for (auto& [stream, device] : s.streams) {
        for (const Operation& operation : stream->waiting) {
            for (uint64_t at : {operation.to, operation.from}) {
                if (at < end && address < at + operation.bytes) {
                    return false;
                }
            }
        }
    }
    if (!imported) {
        s.used[found->second.device] -= found->second.bytes;
    }
    munmap(reinterpret_cast<void*>(address & ~kTag), found->second.bytes);
    close(found->second.file);
    s.blocks.erase(found);
    s.live--;
    return true;
}

// Opens what another process exported. 0: there is no such memory, or it is this process's own.
inline uint64_t import(const char* key, int device) {
    int pid = 0;
    int number = 0;
    unsigned long long bytes = 0;
    if (sscanf(key, "%d %d %llu", &pid, &number, &bytes) != 3 || pid == getpid()) {
        return 0;
    }
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/fd/%d", pid, number);
    int file = open(path, O_RDWR | O_CLOEXEC);
    return file < 0 ? 0 : add(file, bytes, device, true);
}

inline Stream* newStream(int device) {
    auto* stream = new Stream{device, {}};
    state().streams[stream] = device;
    state().live++;
    return stream;
}

// Does what was submitted up to a position; waits while the test holds the device.
inline void run(std::unique_lock<std::mutex>& lock, Stream* stream, uint64_t upTo) {
    state().released.wait(lock, [] { return !state().held; });
    while (stream->done < upTo) {
        const Operation operation = stream->waiting.front();
        stream->waiting.pop_front();
        memcpy(reinterpret_cast<void*>(operation.to & ~kTag),
               reinterpret_cast<const void*>(operation.from & ~kTag), operation.bytes);
        stream->done++;
    }
}

// False: unknown, or destroyed with work that nobody waited for.
inline bool destroyStream(Stream* stream) {
    if (state().streams.erase(stream) == 0) {
        return false;
    }
    const bool idle = stream->waiting.empty();
    state().live--;
    delete stream;
    return idle;
}

inline bool isHost(const void* pointer) {
    return pointer != nullptr && (reinterpret_cast<uint64_t>(pointer) & kTag) == 0;
}

}  // namespace twin

extern "C" {

// The nth next call of the function fails with the code.
__attribute__((visibility("default"))) void hfx_double_fail(const char* function, int nth,
                                                            int code) {
    std::lock_guard<std::mutex> lock(twin::state().mutex);
    twin::state().failing = function;
    twin::state().countdown = nth;
    twin::state().code = code;
}

// Whether the failure asked for has not come yet.
__attribute__((visibility("default"))) int hfx_double_armed() {
    std::lock_guard<std::mutex> lock(twin::state().mutex);
    return twin::state().countdown > 0;
}

__attribute__((visibility("default"))) int hfx_double_calls(const char* function) {
    std::lock_guard<std::mutex> lock(twin::state().mutex);
    return twin::state().calls[function];
}

// What was made and not given back: memory, imports, streams, events, contexts.
__attribute__((visibility("default"))) int hfx_double_live() {
    std::lock_guard<std::mutex> lock(twin::state().mutex);
    return twin::state().live;
}

// While held, nobody's wait for a copy ends.
__attribute__((visibility("default"))) void hfx_double_hold(int held) {
    std::lock_guard<std::mutex> lock(twin::state().mutex);
    twin::state().held = held != 0;
    twin::state().released.notify_all();
}
}
