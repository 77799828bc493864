// Host memory, and what the library refuses.
#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "../../main/cpp/wire.h"
#include "fixture.h"

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

namespace {

enum Lie { kNothingSent, kGarbage, kNoFile, kNotSealed, kOtherSize, kUnknownCode, kSilence, kLies };

// A process that offers what it should not, one lie to each peer.
void offerLies(const std::string& path) {
    const sockaddr_un address = hfx::wire::addressOf(path);
    const int listener = socket(AF_UNIX, SOCK_SEQPACKET, 0);
    CHECK(bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    CHECK(listen(listener, 8) == 0);
    for (int lie = 0; lie < kLies; lie++) {
        const int peer = accept(listener, nullptr, nullptr);
        hfx::wire::Hello hello;
        CHECK(hfx::wire::receive(peer, &hello, sizeof hello, nullptr) == sizeof hello);
        const int file = memfd_create("lie", MFD_ALLOW_SEALING);
        CHECK(ftruncate(file, kMiB) == 0);
        if (lie != kNotSealed) {
            CHECK(fcntl(file, F_ADD_SEALS, F_SEAL_SHRINK | 0x0010 /* future write */) == 0);
        }
        hfx::wire::Grant grant;
        grant.bytes = lie == kOtherSize ? 2 * kMiB : kMiB;
        grant.code = lie == kUnknownCode ? 4711 : HFX_OK;
        grant.magic += lie == kGarbage ? 1 : 0;
        if (lie == kSilence) {
            char ignored;
            CHECK(read(peer, &ignored, 1) == 0);  // until the peer gives up
        } else if (lie != kNothingSent) {
            CHECK(hfx::wire::send(peer, &grant, sizeof grant, lie == kNoFile ? -1 : file));
        }
        close(file);
        close(peer);
    }
}

}  // namespace

void testFalseOffersAreRefused() {
    const std::string path = socketPath("lies");
    const pid_t process = fork();
    CHECK(process >= 0);
    if (process == 0) {
        offerLies(path);
        _exit(0);
    }
    hfx_handle host = open("host", nullptr, 0);
    hfx_handle memory;
    CHECK(eventually([&] { return access(path.c_str(), F_OK) == 0; }));
    for (int lie = 0; lie < kLies; lie++) {
        const int code = lie == kSilence ? HFX_TIMEOUT : HFX_IO;
        // The first may come before the listener listens.
        CHECK(eventually([&] {
            hfx_error error{};
            const int32_t got =
                hfx_attach(host, path.c_str(), lie == kSilence ? 50 : 10000, &memory, &error);
            CHECK(got == code);
            return error.native_code != ECONNREFUSED;
        }));
        CHECK(countsNow().memories == 0 && countsNow().descriptors == 0);
    }
    int status = 0;
    CHECK(waitpid(process, &status, 0) == process && status == 0);
    unlink(path.c_str());
    release({host});
    CHECK(nothingLeft());
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

namespace {

int linesWith(const char* file, const char* text) {
    FILE* lines = fopen(file, "r");
    CHECK(lines != nullptr);
    char line[4096];
    int count = 0;
    while (fgets(line, sizeof line, lines) != nullptr) {
        count += strstr(line, text) != nullptr;
    }
    fclose(lines);
    return count;
}

int openFiles() {
    int count = 0;
    DIR* folder = opendir("/proc/self/fd");
    CHECK(folder != nullptr);
    while (readdir(folder) != nullptr) {
        count++;
    }
    closedir(folder);
    return count;
}

int threads() {
    int count = 0;
    FILE* status = fopen("/proc/self/status", "r");
    char line[256];
    while (fgets(line, sizeof line, status) != nullptr) {
        sscanf(line, "Threads: %d", &count);
    }
    fclose(status);
    return count;
}

}  // namespace

// Asked of the kernel, not of the library's own counts.
void testAThousandOffersLeaveNothing() {
    const std::string path = socketPath("thousand");
    const int filesBefore = openFiles();
    const int threadsBefore = threads();
    for (int i = 0; i < 1000; i++) {
        hfx_handle host = open("host", nullptr, 0);
        hfx_handle memory = allocate(host, 64 * 1024, HFX_SHAREABLE);
        hfx_handle own = allocate(host, 64 * 1024);
        hfx_handle offer, attached;
        OK(hfx_offer_start(memory, path.c_str(), nullptr, 0, &offer, e));
        OK(hfx_attach(host, path.c_str(), 10000, &attached, e));
        copyAll(own, attached, 64 * 1024, 16 * 1024, 2);
        release({memory, offer, own, attached, host});
    }
    CHECK(eventually(nothingLeft));
    CHECK(openFiles() == filesBefore);
    CHECK(eventually([&] { return threads() == threadsBefore; }));
    CHECK(linesWith("/proc/self/maps", "hfx-d2d") == 0);
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

