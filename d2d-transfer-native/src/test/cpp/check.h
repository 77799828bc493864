// Checks of the native tests: the first that fails ends the program with its place.
#pragma once

#include <dlfcn.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

#include "../../main/cpp/hfx_d2d.h"

#define CHECK(condition)                                                            \
    do {                                                                            \
        if (!(condition)) {                                                         \
            fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition); \
            exit(1);                                                                \
        }                                                                           \
    } while (false)

// The call must succeed; the message is the library's own.
#define OK(call)                                                                            \
    do {                                                                                    \
        hfx_error error{};                                                                  \
        hfx_error* e = &error;                                                              \
        if ((call) != HFX_OK) {                                                             \
            fprintf(stderr, "%s:%d: %s: %d/%d %s\n", __FILE__, __LINE__, #call, error.code, \
                    error.native_code, error.text);                                         \
            exit(1);                                                                        \
        }                                                                                   \
    } while (false)

// The call must fail with the code and say why.
#define REFUSED(expected, call)                                                         \
    do {                                                                                \
        hfx_error error{};                                                              \
        hfx_error* e = &error;                                                          \
        const int code = (call);                                                        \
        if (code != (expected) || error.code != code || error.text[0] == '\0') {        \
            fprintf(stderr, "%s:%d: %s: %d, not %d: %s\n", __FILE__, __LINE__, #call,   \
                    code, expected, error.text);                                        \
            exit(1);                                                                    \
        }                                                                               \
    } while (false)

// Waits until it holds: other threads have a moment to end, but not for ever.
template <typename Condition>
bool eventually(Condition&& condition) {
    for (int i = 0; i < 2000; i++) {
        if (condition()) {
            return true;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return false;
}

inline hfx_counts countsNow() {
    hfx_counts counts{};
    hfx_count(&counts);
    return counts;
}

// Nothing of the library is alive, but for what the driver refused to take back.
inline bool nothingLeft() {
    const hfx_counts c = countsNow();
    return c.handles == 0 && c.memories == 0 && c.memory_bytes == 0 && c.copies == 0
           && c.offers == 0 && c.leases == 0 && c.descriptors == 0 && c.streams == 0;
}

inline char* bytesOf(hfx_handle memory) {
    hfx_memory_info info{};
    OK(hfx_memory_info_of(memory, &info, e));
    return reinterpret_cast<char*>(info.address);
}

// Bytes that differ at every offset and for every seed.
inline void fill(char* at, uint64_t bytes, uint64_t seed) {
    uint64_t x = seed * 0x9E3779B97F4A7C15ull + 1;
    for (uint64_t i = 0; i < bytes; i++) {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        at[i] = static_cast<char>(x);
    }
}

inline bool filled(const char* at, uint64_t bytes, uint64_t seed) {
    std::vector<char> expected(bytes);
    fill(expected.data(), bytes, seed);
    return memcmp(at, expected.data(), bytes) == 0;
}

inline void copyAll(hfx_handle to, hfx_handle from, uint64_t bytes, uint64_t chunk, int lanes) {
    hfx_handle copy = 0;
    OK(hfx_copy_start(to, 0, from, 0, bytes, chunk, lanes, &copy, e));
    OK(hfx_copy_wait(copy, 60000, e));
    uint64_t done = 0;
    OK(hfx_copy_progress(copy, &done, e));
    CHECK(done == bytes);
    OK(hfx_release(copy, e));
}

// A driver double and its controls.
struct Double {
    explicit Double(const std::string& file) : file(file) {
        void* library = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
        CHECK(library != nullptr);
        fail = reinterpret_cast<void (*)(const char*, int, int)>(dlsym(library, "hfx_double_fail"));
        armed = reinterpret_cast<int (*)()>(dlsym(library, "hfx_double_armed"));
        live = reinterpret_cast<int (*)()>(dlsym(library, "hfx_double_live"));
        hold = reinterpret_cast<void (*)(int)>(dlsym(library, "hfx_double_hold"));
        calls = reinterpret_cast<int (*)(const char*)>(dlsym(library, "hfx_double_calls"));
        CHECK(fail && armed && live && hold && calls);
    }

    const std::string file;
    void (*fail)(const char* function, int nth, int code);
    int (*armed)();
    int (*live)();
    void (*hold)(int held);
    int (*calls)(const char* function);
};
