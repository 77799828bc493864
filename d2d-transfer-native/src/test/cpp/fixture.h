// What the native tests share: sizes, handles, and the tests that are run for several backends.
#pragma once

#include <unistd.h>

#include <initializer_list>

#include "check.h"

constexpr uint64_t kMiB = 1 << 20;
constexpr uint64_t kBytes = 5 * kMiB + 4099;  // no multiple of a page, a chunk or a huge page

inline hfx_handle open(const char* kind, const char* library, int ordinal) {
    hfx_handle device = 0;
    OK(hfx_device_open(kind, library, ordinal, &device, e));
    return device;
}

inline hfx_handle allocate(hfx_handle device, uint64_t bytes, uint32_t flags = 0) {
    hfx_handle memory = 0;
    OK(hfx_memory_allocate(device, bytes, flags, &memory, e));
    return memory;
}

inline void release(std::initializer_list<hfx_handle> handles) {
    for (hfx_handle handle : handles) {
        OK(hfx_release(handle, e));
    }
}

inline std::string socketPath(const char* name) {
    return P_tmpdir "/hfx-native-test-" + std::to_string(getpid()) + "-" + name;
}

// host_test.cpp
void testDeadOffersSocketIsTakenOver();  // these two fork: before there are threads
void testFalseOffersAreRefused();
void testHostCopies();
void testAThousandOffersLeaveNothing();
void testRefusals();
void testRetainedMemoryOutlivesItsFirstHandle();

// offer_test.cpp: with the driver of `library`, empty for the usual one
void testOffer(const std::string& kind, const std::string& library);
void testAnOfferWithoutDescriptorsWaits();
void testImportMayFail(const std::string& kind, const Double& driver,
                       const std::vector<const char*>& functions, const char* closing,
                       const char* exporters);

// driver_test.cpp
void testDeviceCopies(const char* kind, const Double& driver);
void testCancel(const char* kind, const Double& driver);
void testStartMayFail(const char* kind, const Double& driver,
                      const std::vector<const char*>& functions);
void testOnceMayFail(const char* kind, const Double& driver,
                     const std::vector<const char*>& functions, int injected);
void testEveryCallMayFail(const char* kind, const Double& driver,
                          const std::vector<const char*>& functions, int injected);
int testRealDevice(const char* kind);
