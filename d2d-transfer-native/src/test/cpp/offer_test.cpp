// Memory shared with a second process.
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include <atomic>
#include <chrono>

#include "../../main/cpp/wire.h"
#include "child.h"
#include "fixture.h"

void testOffer(const std::string& kind, const std::string& library) {
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

    const Attaching leaving{kind, library, path, 4, "leave", ""};
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

namespace {

std::atomic<int> acceptCalls{0};

}  // namespace

// In the place of the C library's, to count the calls.
extern "C" int accept4(int socket, sockaddr* address, socklen_t* bytes, int flags) {
    acceptCalls++;
    return static_cast<int>(syscall(SYS_accept4, socket, address, bytes, flags));
}

// A peer that cannot be accepted for want of descriptors waits, while nobody spins; then it is served.
void testAnOfferWithoutDescriptorsWaits() {
    using namespace std::chrono;
    const char* preloaded = getenv("LD_PRELOAD");
    if (preloaded != nullptr && strstr(preloaded, "vgpreload") != nullptr) {
        puts("skipped: valgrind takes a connection before it says that no descriptor is left");
        return;
    }
    const std::string path = socketPath("full");
    hfx_handle host = open("host", nullptr, 0);
    hfx_handle memory = allocate(host, kMiB, HFX_SHAREABLE);
    hfx_handle offer;
    OK(hfx_offer_start(memory, path.c_str(), nullptr, 0, &offer, e));
    hfx::Descriptor peer = hfx::wire::newSocket();
    const int lowestFree = dup(peer.number());
    close(lowestFree);
    rlimit before{};
    CHECK(getrlimit(RLIMIT_NOFILE, &before) == 0);
    rlimit none = before;
    none.rlim_cur = static_cast<rlim_t>(lowestFree);
    CHECK(setrlimit(RLIMIT_NOFILE, &none) == 0);
    acceptCalls = 0;
    const sockaddr_un address = hfx::wire::addressOf(path);
    CHECK(connect(peer.number(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    hfx::wire::Hello hello;
    memcpy(hello.kind, "host", sizeof "host");
    hello.pid = getpid();
    CHECK(hfx::wire::send(peer.number(), &hello, sizeof hello, -1));
    CHECK(eventually([] { return acceptCalls > 0; }));
    acceptCalls = 0;
    CHECK(!hfx::wire::awaitReadable(peer.number(), steady_clock::now() + milliseconds(500)));
    CHECK(acceptCalls < 50);  // a spin makes thousands
    CHECK(setrlimit(RLIMIT_NOFILE, &before) == 0);
    CHECK(hfx::wire::awaitReadable(peer.number(), steady_clock::now() + seconds(30)));
    hfx::wire::Grant grant;
    CHECK(hfx::wire::receive(peer.number(), &grant, sizeof grant, nullptr) == sizeof grant);
    CHECK(grant.code == HFX_OK && grant.bytes == kMiB);
    peer = hfx::Descriptor();
    release({offer, memory, host});
    CHECK(eventually(nothingLeft));
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
    if (kind == "cuda") {  // a driver that does not know the ranges of imported memory
        const std::string unrecorded = "HFX_DOUBLE_FAIL=cuMemGetAddressRange_v2:1:500";
        CHECK(Child({kind, driver.file, path, 0, "leave", unrecorded}).exitCode() == 0);
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

