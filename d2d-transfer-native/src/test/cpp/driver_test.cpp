// GPUs and NPUs, over doubles of their drivers; testRealDevice is for real ones.
#include "fixture.h"

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
    CHECK(countsNow().memories == 0);  // an ended copy holds nothing
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

namespace {

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

// Whether something may stay with the driver when this function fails: it gives back, or comes before
// what gives back.
bool mayRefuse(const char* function) {
    for (const char* part : {"Release", "Free", "Destroy", "Close", "PushCurrent", "SetDevice"}) {
        if (strstr(function, part) != nullptr) {
            return true;
        }
    }
    return false;
}

}  // namespace

// What the driver does once in a process and pair of devices; by one lane, which does not try again.
void testOnceMayFail(const char* kind, const Double& driver,
                     const std::vector<const char*>& functions, int injected) {
    for (const char* function : functions) {
        driver.fail(function, 1, injected);
        hfx_error error{};
        CHECK(wholeLife(kind, driver, &error, 1) == HFX_DRIVER && error.native_code == injected);
    }
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
            if ((driver.live() != liveBefore && !counted) || (counted && !mayRefuse(function))) {
                fprintf(stderr, "%s %d leaks\n", function, nth);
                CHECK(false);
            }
        }
        CHECK(driver.calls(function) > 0);
    }
    printf("%s: %d injected failures\n", kind, cases);
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
    testOffer(kind, "");
    CHECK(countsNow().failed_releases == 0);
    printf("%s: a real device copied and shared\n", kind);
    return 0;
}
