// Tests of the native library by its C ABI, without a JVM, under the address sanitizer.
//   native_test CUDA_DOUBLE ASCEND_DOUBLE     all tests
//   native_test device cuda|ascend            on a real device, by the machine's own driver
//   native_test attach ...                    the second process (child.h)
#include "check.h"
#include "child.h"

namespace {

constexpr uint64_t kMiB = 1 << 20;
constexpr uint64_t kBytes = 5 * kMiB + 4099;  // no multiple of a page, a chunk or a huge page

hfx_handle open(const char* kind, const char* library, int ordinal) {
    hfx_handle device = 0;
    OK(hfx_device_open(kind, library, ordinal, &device, e));
    return device;
}

hfx_handle allocate(hfx_handle device, uint64_t bytes, uint32_t flags = 0) {
    hfx_handle memory = 0;
    OK(hfx_memory_allocate(device, bytes, flags, &memory, e));
    return memory;
}

void release(std::initializer_list<hfx_handle> handles) {
    for (hfx_handle handle : handles) {
        OK(hfx_release(handle, e));
    }
}

std::string socketPath(const char* name) {
    return P_tmpdir "/hfx-native-test-" + std::to_string(getpid()) + "-" + name;
}

void testHostCopies() {
    hfx_handle host = open("host", nullptr, 0);
    for (uint32_t flags : {0u, HFX_SHAREABLE}) {
        hfx_handle from = allocate(host, kBytes, flags);
        CHECK(reinterpret_cast<uint64_t>(bytesOf(from)) % (2 * kMiB) == 0);
        fill(bytesOf(from), kBytes, 1);
        for (int lanes : {1, 2, 5, 16}) {
            hfx_handle to = allocate(host, kBytes, flags);
            copyAll(to, from, kBytes, lanes == 2 ? 4096 : kMiB, lanes);
            CHECK(filled(bytesOf(to), kBytes, 1));
            release({to});
        }
        release({from});
    }
    // A range in the middle leaves its neighbours alone.
    hfx_handle from = allocate(host, 3 * kMiB);
    hfx_handle to = allocate(host, 3 * kMiB);
    fill(bytesOf(from), 3 * kMiB, 2);
    hfx_handle copy;
    OK(hfx_copy_start(to, 11, from, kMiB + 3, kMiB, 8192, 3, &copy, e));
    OK(hfx_copy_wait(copy, 60000, e));
    CHECK(memcmp(bytesOf(to) + 11, bytesOf(from) + kMiB + 3, kMiB) == 0);
    for (uint64_t at : {10ul, kMiB + 11}) {
        CHECK(bytesOf(to)[at] == 0);
    }
    OK(hfx_release(copy, e));
    OK(hfx_copy_start(to, 0, from, 0, 0, 8192, 3, &copy, e));  // nothing to copy ends at once
    OK(hfx_copy_wait(copy, 0, e));
    release({copy, from, to, host});
    CHECK(nothingLeft());
}

void testRefusals() {
    hfx_handle host = open("host", nullptr, 0);
    hfx_handle memory = allocate(host, kMiB);
    hfx_handle other = allocate(host, kMiB);
    hfx_handle h;
    REFUSED(HFX_INVALID, hfx_device_open("tpu", nullptr, 0, &h, e));
    REFUSED(HFX_INVALID, hfx_device_open("host", nullptr, 1, &h, e));
    REFUSED(HFX_UNAVAILABLE, hfx_device_open("cuda", "libnone-of-this-name.so", 0, &h, e));
    REFUSED(HFX_UNAVAILABLE, hfx_device_open("ascend", "libc.so.6", 0, &h, e));
    REFUSED(HFX_INVALID, hfx_memory_allocate(host, 0, 0, &h, e));
    REFUSED(HFX_INVALID, hfx_memory_allocate(host, 1ull << 47, 0, &h, e));
    REFUSED(HFX_NO_MEMORY, hfx_memory_allocate(host, 1ull << 46, 0, &h, e));
    REFUSED(HFX_INVALID, hfx_memory_allocate(host, kMiB, 8, &h, e));
    REFUSED(HFX_INVALID, hfx_memory_allocate(memory, kMiB, 0, &h, e));  // not a device
    REFUSED(HFX_STALE, hfx_memory_allocate(0, kMiB, 0, &h, e));
    REFUSED(HFX_INVALID, hfx_copy_start(other, 1, memory, 0, kMiB, 4096, 1, &h, e));
    REFUSED(HFX_INVALID, hfx_copy_start(other, 0, memory, ~0ull, 2, 4096, 1, &h, e));
    REFUSED(HFX_INVALID, hfx_copy_start(other, 0, memory, 0, kMiB, 1, 1, &h, e));
    REFUSED(HFX_INVALID, hfx_copy_start(other, 0, memory, 0, kMiB, 4096, 17, &h, e));
    REFUSED(HFX_INVALID, hfx_copy_start(memory, 0, memory, 4095, 4096, 4096, 1, &h, e));
    REFUSED(HFX_INVALID, hfx_memory_seal(memory, e));  // not shareable
    REFUSED(HFX_INVALID, hfx_offer_start(memory, socketPath("x").c_str(), nullptr, 0, &h, e));
    hfx_handle shared = allocate(host, kMiB, HFX_SHAREABLE);
    REFUSED(HFX_INVALID, hfx_offer_start(shared, std::string(200, 'a').c_str(), nullptr, 0, &h, e));
    REFUSED(HFX_IO, hfx_offer_start(shared, "/nowhere/at/all", nullptr, 0, &h, e));
    REFUSED(HFX_INVALID, hfx_copy_start(shared, 0, memory, 0, kMiB, 4096, 1, &h, e));  // sealed
    REFUSED(HFX_IO, hfx_attach(host, socketPath("nobody").c_str(), 1000, &h, e));
    // Use after release, of every kind of handle.
    release({memory, other, shared, host});
    hfx_memory_info info;
    hfx_counts before = countsNow();
    REFUSED(HFX_STALE, hfx_memory_info_of(memory, &info, e));
    REFUSED(HFX_STALE, hfx_copy_start(memory, 0, other, 0, 1, 4096, 1, &h, e));
    REFUSED(HFX_STALE, hfx_release(memory, e));
    REFUSED(HFX_STALE, hfx_memory_allocate(host, kMiB, 0, &h, e));
    CHECK(before.handles == 0 && nothingLeft());
}

void testRetainedMemoryOutlivesItsFirstHandle() {
    hfx_handle host = open("host", nullptr, 0);
    hfx_handle memory = allocate(host, kMiB);
    fill(bytesOf(memory), kMiB, 3);
    hfx_handle again;
    OK(hfx_memory_retain(memory, &again, e));
    release({memory, host});
    CHECK(filled(bytesOf(again), kMiB, 3));
    release({again});
    CHECK(nothingLeft());
}

void testOffer(const std::string& kind, const std::string& library, const std::string& setting) {
    const char* file = library.empty() ? nullptr : library.c_str();
    const std::string path = socketPath("offer");
    hfx_handle host = open("host", nullptr, 0);
    hfx_handle device = open(kind.c_str(), file, 0);
    hfx_handle source = allocate(host, kBytes);
    hfx_handle memory = allocate(device, kBytes, HFX_SHAREABLE);
    fill(bytesOf(source), kBytes, 4);
    copyAll(memory, source, kBytes, kMiB, 2);
    hfx_handle offer, taken, copy;
    OK(hfx_offer_start(memory, path.c_str(), "image 4", 7, &offer, e));
    REFUSED(HFX_IO, hfx_offer_start(memory, path.c_str(), "image 4", 7, &taken, e));
    REFUSED(HFX_INVALID, hfx_copy_start(memory, 0, source, 0, kMiB, 4096, 1, &copy, e));

    const Attaching leaving{kind, library, path, 4, "leave", setting};
    Attaching staying = leaving;
    staying.then = "stay";
    Child first(staying);
    Child second(staying);
    first.awaitAttached();
    second.awaitAttached();
    int32_t leases = 0;
    OK(hfx_offer_leases(offer, &leases, e));
    CHECK(leases == 2);
    second.kill();  // a lease ends with its process, however that ends
    second.exitCode();
    CHECK(eventually([&] { return hfx_offer_leases(offer, &leases, nullptr) == 0 && leases == 1; }));
    CHECK(Child(leaving).exitCode() == 0);

    // This process, too: the same memory, read-only.
    hfx_handle own;
    OK(hfx_attach(device, path.c_str(), 5000, &own, e));
    REFUSED(HFX_INVALID, hfx_copy_start(own, 0, source, 0, kMiB, 4096, 1, &copy, e));
    release({own});
    hfx_handle hostAttached;
    if (kind != "host") {
        REFUSED(HFX_INVALID, hfx_attach(host, path.c_str(), 5000, &hostAttached, e));
    }

    // The offer and the memory's handle may go before the peer does; the peer's bytes stay.
    release({offer, memory, source, device, host});
    CHECK(countsNow().handles == 0);
    CHECK(eventually([] { return countsNow().leases == 1; }));
    CHECK(countsNow().memories == 1);
    CHECK(access(path.c_str(), F_OK) != 0);
    CHECK(first.exitCode() == 0);
    CHECK(eventually(nothingLeft));
}

void testDeadOffersSocketIsTakenOver() {
    const std::string path = socketPath("dead");
    hfx_handle host = open("host", nullptr, 0);
    hfx_handle memory = allocate(host, kMiB, HFX_SHAREABLE);
    hfx_handle childs = allocate(host, kMiB, HFX_SHAREABLE);
    hfx_handle offer;
    // A killed process leaves its socket's file behind; this child exits without unlinking.
    pid_t process = fork();
    if (process == 0) {
        _exit(hfx_offer_start(childs, path.c_str(), nullptr, 0, &offer, nullptr));
    }
    int status = 0;
    CHECK(waitpid(process, &status, 0) == process && status == 0);
    CHECK(access(path.c_str(), F_OK) == 0);
    REFUSED(HFX_IO, hfx_attach(host, path.c_str(), 1000, &offer, e));
    OK(hfx_offer_start(memory, path.c_str(), nullptr, 0, &offer, e));
    release({offer, memory, childs, host});
    CHECK(eventually(nothingLeft));
    CHECK(access(path.c_str(), F_OK) != 0);
}

// Host, device, the other device, back, over a pipeline of several chunks.
void testDeviceCopies(const char* kind, const Double& driver) {
    const int64_t failedBefore = countsNow().failed_releases;
    int32_t devices = 0;
    OK(hfx_device_count(kind, driver.file.c_str(), &devices, e));
    CHECK(devices == 2);
    hfx_handle h;
    REFUSED(HFX_UNAVAILABLE, hfx_device_open(kind, driver.file.c_str(), 2, &h, e));
    hfx_handle host = open("host", nullptr, 0);
    hfx_handle zero = open(kind, driver.file.c_str(), 0);
    hfx_handle one = open(kind, driver.file.c_str(), 1);
    REFUSED(HFX_NO_MEMORY, hfx_memory_allocate(zero, 300 * kMiB, 0, &h, e));
    hfx_handle source = allocate(host, kBytes);
    hfx_handle target = allocate(host, kBytes);
    hfx_handle a = allocate(zero, kBytes);
    hfx_handle b = allocate(zero, kBytes);
    hfx_handle c = allocate(one, kBytes);
    fill(bytesOf(source), kBytes, 5);
    copyAll(a, source, kBytes, 64 * 1024, 3);
    copyAll(b, a, kBytes, 64 * 1024, 2);
    copyAll(c, b, kBytes, 64 * 1024, 2);
    copyAll(target, c, kBytes, 64 * 1024, 3);
    CHECK(filled(bytesOf(target), kBytes, 5));
    release({source, target, a, b, c, zero, one, host});
    CHECK(nothingLeft() && driver.live() == 0);
    CHECK(countsNow().failed_releases == failedBefore);
}

void testCancel(const char* kind, const Double& driver) {
    hfx_handle host = open("host", nullptr, 0);
    hfx_handle device = open(kind, driver.file.c_str(), 0);
    hfx_handle source = allocate(host, kBytes);
    hfx_handle target = allocate(device, kBytes);
    driver.hold(1);
    hfx_handle copy;
    OK(hfx_copy_start(target, 0, source, 0, kBytes, 4096, 2, &copy, e));
    REFUSED(HFX_TIMEOUT, hfx_copy_wait(copy, 20, e));
    REFUSED(HFX_INVALID, hfx_memory_seal(target, e));  // somebody still writes
    uint64_t done = 1;
    OK(hfx_copy_progress(copy, &done, e));
    CHECK(done == 0);
    OK(hfx_copy_cancel(copy, e));
    release({target, source});  // the copy still holds them
    driver.hold(0);
    REFUSED(HFX_CANCELLED, hfx_copy_wait(copy, 60000, e));
    OK(hfx_copy_progress(copy, &done, e));
    CHECK(done > 0 && done < kBytes);  // the chunks that were under way arrived
    release({copy, device, host});
    CHECK(nothingLeft() && driver.live() == 0);

    // To release a running copy stops it, too.
    device = open(kind, driver.file.c_str(), 0);
    host = open("host", nullptr, 0);
    source = allocate(host, kBytes);
    target = allocate(device, kBytes);
    OK(hfx_copy_start(target, 0, source, 0, kBytes, 4096, 2, &copy, e));
    release({copy});
    CHECK(countsNow().copies == 0);

    // So does another thread's release, for the thread that waits.
    driver.hold(1);
    OK(hfx_copy_start(target, 0, source, 0, kBytes, 4096, 2, &copy, e));
    int waited = HFX_OK;
    std::thread waiter([&] { waited = hfx_copy_wait(copy, 3'600'000, nullptr); });
    std::thread releaser([&] { OK(hfx_release(copy, e)); });
    CHECK(eventually([&] { return hfx_copy_cancel(copy, nullptr) == HFX_STALE; }));
    driver.hold(0);
    releaser.join();
    waiter.join();
    CHECK(waited == HFX_CANCELLED || waited == HFX_STALE);  // stale: it came too late to wait
    release({target, source, device, host});
    CHECK(eventually(nothingLeft) && driver.live() == 0);
}

// All that one process does with a driver; returns the first failure.
int wholeLife(const char* kind, const Double& driver, hfx_error* error, int lanes = 2) {
    std::vector<hfx_handle> made;
    int code = HFX_OK;
    auto step = [&](int result, const hfx_handle* handle) {
        if (result == HFX_OK) {
            if (handle != nullptr) {
                made.push_back(*handle);
            }
            return true;
        }
        code = result;
        return false;
    };
    hfx_handle host = 0, zero = 0, one = 0, source = 0, a = 0, near = 0, b = 0;
    hfx_handle copy = 0, offer = 0;
    const char* file = driver.file.c_str();
    const std::string path = socketPath("life");
    auto copied = [&](hfx_handle to, hfx_handle from) {
        return step(hfx_copy_start(to, 0, from, 0, kMiB, 256 * 1024, lanes, &copy, error), &copy)
               && step(hfx_copy_wait(copy, 60000, error), nullptr);
    };
    const bool complete =
        step(hfx_device_open("host", nullptr, 0, &host, error), &host)
        && step(hfx_device_open(kind, file, 0, &zero, error), &zero)
        && step(hfx_device_open(kind, file, 1, &one, error), &one)
        && step(hfx_memory_allocate(host, kMiB, 0, &source, error), &source)
        && step(hfx_memory_allocate(zero, kMiB, 0, &a, error), &a)
        && step(hfx_memory_allocate(zero, kMiB, 0, &near, error), &near)
        && step(hfx_memory_allocate(one, kMiB, 0, &b, error), &b) && copied(a, source)
        && copied(near, a) && copied(b, near) && copied(source, b)
        && step(hfx_offer_start(a, path.c_str(), nullptr, 0, &offer, error), &offer);
    for (auto handle = made.rbegin(); handle != made.rend(); ++handle) {
        OK(hfx_release(*handle, e));
    }
    CHECK(complete == (code == HFX_OK));
    CHECK(eventually(nothingLeft));
    return code;
}

// Every function of the driver fails at its first, second, ... call; each time the failure is told
// with the driver's own number, or counted where nobody can be told, and nothing else is lost.
void testEveryCallMayFail(const char* kind, const Double& driver,
                          const std::vector<const char*>& functions, int injected) {
    int cases = 0;
    for (const char* function : functions) {
        for (int nth = 1;; nth++) {
            CHECK(nth < 200);
            const int liveBefore = driver.live();
            const int64_t failedBefore = countsNow().failed_releases;
            driver.fail(function, nth, injected);
            hfx_error error{};
            const int code = wholeLife(kind, driver, &error);
            const bool untouched = driver.armed() != 0;
            driver.fail("", 0, 0);
            if (untouched) {
                CHECK(code == HFX_OK);
                break;
            }
            cases++;
            const bool counted = countsNow().failed_releases > failedBefore;
            if (code != HFX_OK) {
                if (error.native_code != injected || strstr(error.text, function) == nullptr) {
                    fprintf(stderr, "%s %d: %d %s\n", function, nth, code, error.text);
                    CHECK(false);
                }
            }
            if (driver.live() != liveBefore && !counted) {
                fprintf(stderr, "%s %d leaks\n", function, nth);
                CHECK(false);
            }
        }
        CHECK(driver.calls(function) > 0);
    }
    printf("%s: %d injected failures\n", kind, cases);
}

// What a process does that attaches, and what is done for it; `closing` is its last call.
void testImportMayFail(const std::string& kind, const Double& driver,
                       const std::vector<const char*>& functions, const char* closing,
                       const char* exporters) {
    const std::string path = socketPath("import");
    hfx_handle device = open(kind.c_str(), driver.file.c_str(), 0);
    hfx_handle host = open("host", nullptr, 0);
    hfx_handle memory = allocate(device, kMiB);
    hfx_handle source = allocate(host, kMiB);
    fill(bytesOf(source), kMiB, 0);
    copyAll(memory, source, kMiB, 1 << 18, 2);
    hfx_handle offer;
    OK(hfx_offer_start(memory, path.c_str(), "image 0", 7, &offer, e));
    for (const char* function : functions) {
        const std::string setting = std::string("HFX_DOUBLE_FAIL=") + function + ":1:77";
        CHECK(Child({kind, driver.file, path, 0, "leave", setting}).exitCode() == HFX_DRIVER);
    }
    const std::string last = std::string("HFX_DOUBLE_FAIL=") + closing + ":1:77";
    CHECK(Child({kind, driver.file, path, 0, "leave", last}).exitCode() == kReleaseRefused);
    if (exporters != nullptr) {
        driver.fail(exporters, 1, 77);
        CHECK(Child({kind, driver.file, path, 0, "leave", ""}).exitCode() == HFX_DRIVER);
        CHECK(driver.armed() == 0);
    }
    int32_t leases = 1;
    CHECK(eventually([&] { return hfx_offer_leases(offer, &leases, nullptr) == 0 && leases == 0; }));
    release({offer, memory, source, device, host});
    CHECK(eventually(nothingLeft));
}

// The driver's start comes once in a process, so its failures are tried before anything else.
void testStartMayFail(const char* kind, const Double& driver,
                      const std::vector<const char*>& functions) {
    for (const char* function : functions) {
        driver.fail(function, 1, 77);
        hfx_handle device;
        hfx_error error{};
        CHECK(hfx_device_open(kind, driver.file.c_str(), 0, &device, &error) == HFX_UNAVAILABLE);
        CHECK(error.native_code == 77 && strstr(error.text, function) != nullptr);
    }
    CHECK(nothingLeft() && driver.live() == 0);
}

// Device 0 of a real driver: to it, inside it, back, and to a second process.
int testRealDevice(const char* kind) {
    hfx_handle host = open("host", nullptr, 0);
    hfx_handle device = 0;
    hfx_error error{};
    if (hfx_device_open(kind, nullptr, 0, &device, &error) != HFX_OK) {
        fprintf(stderr, "no %s device: %s\n", kind, error.text);
        return 1;
    }
    hfx_handle source = allocate(host, kBytes);
    hfx_handle target = allocate(host, kBytes);
    hfx_handle a = allocate(device, kBytes);
    hfx_handle b = allocate(device, kBytes);
    fill(bytesOf(source), kBytes, 6);
    copyAll(a, source, kBytes, kMiB, 2);
    copyAll(b, a, kBytes, kMiB, 2);
    copyAll(target, b, kBytes, kMiB, 2);
    CHECK(filled(bytesOf(target), kBytes, 6));
    release({source, target, a, b, device, host});
    CHECK(nothingLeft());
    testOffer(kind, "", "");
    CHECK(countsNow().failed_releases == 0);
    printf("%s: a real device copied and shared\n", kind);
    return 0;
}

}  // namespace

int main(int count, char** argument) {
    if (count == 7 && strcmp(argument[1], "attach") == 0) {
        return attachAndLook(argument);
    }
    if (count == 3 && strcmp(argument[1], "device") == 0) {
        return testRealDevice(argument[2]);
    }
    CHECK(count == 3 && hfx_abi() == HFX_D2D_ABI);
    const Double cuda(argument[1]);
    const Double ascend(argument[2]);
    testDeadOffersSocketIsTakenOver();  // forks: before there are threads
    testHostCopies();
    testRefusals();
    testRetainedMemoryOutlivesItsFirstHandle();
    testOffer("host", "", "");

    testStartMayFail("cuda", cuda, {"cuInit", "cuDeviceGetCount"});
    testDeviceCopies("cuda", cuda);
    testCancel("cuda", cuda);
    testOffer("cuda", cuda.file, "");
    CHECK(cuda.live() == 0);
    testImportMayFail("cuda", cuda, {"cuCtxPushCurrent_v2", "cuIpcOpenMemHandle_v2",
                                     "cuMemGetAddressRange_v2"},
                      "cuIpcCloseMemHandle", nullptr);
    testEveryCallMayFail(
        "cuda", cuda,
        {"cuDeviceGet", "cuDevicePrimaryCtxRetain", "cuDevicePrimaryCtxRelease_v2",
         "cuCtxPushCurrent_v2", "cuCtxPopCurrent_v2", "cuDeviceCanAccessPeer", "cuMemAlloc_v2",
         "cuMemFree_v2", "cuMemGetAddressRange_v2", "cuMemcpyHtoDAsync_v2", "cuMemcpyDtoHAsync_v2",
         "cuMemcpyDtoDAsync_v2", "cuMemcpyPeerAsync", "cuCtxEnablePeerAccess", "cuStreamCreate", "cuStreamSynchronize",
         "cuStreamDestroy_v2", "cuEventCreate", "cuEventRecord", "cuEventSynchronize",
         "cuEventDestroy_v2", "cuIpcGetMemHandle"},
        700);

    testStartMayFail("ascend", ascend, {"aclInit", "aclrtGetDeviceCount"});
    for (const char* once : {"aclrtDeviceCanAccessPeer", "aclrtDeviceEnablePeerAccess"}) {
        ascend.fail(once, 1, 507000);
        hfx_error error{};
        CHECK(wholeLife("ascend", ascend, &error, 1) == HFX_DRIVER && error.native_code == 507000);
    }
    testDeviceCopies("ascend", ascend);
    testCancel("ascend", ascend);
    testOffer("ascend", ascend.file, "");
    CHECK(ascend.live() == 0);
    setenv("HFX_DOUBLE_OLD", "1", 1);  // exports keep a list of processes
    testOffer("ascend", ascend.file, "");
    CHECK(ascend.live() == 0);
    testImportMayFail("ascend", ascend, {"aclrtSetDevice", "aclrtDeviceGetBareTgid",
                                         "aclrtIpcMemImportByKey"},
                      "aclrtIpcMemClose", "aclrtIpcMemSetImportPid");
    unsetenv("HFX_DOUBLE_OLD");
    testEveryCallMayFail("ascend", ascend,
                         {"aclrtSetDevice", "aclrtMalloc", "aclrtFree", "aclrtMemcpyAsync",
                          "aclrtCreateStream", "aclrtSynchronizeStream", "aclrtDestroyStream",
                          "aclrtIpcMemGetExportKey", "aclrtIpcMemClose"},
                         507000);
    puts("native tests passed");
    return 0;
}
