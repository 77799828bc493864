// Host memory: faulted in before use, advised to huge pages; shareable memory is a sealed memfd.
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <thread>
#include <vector>

#include "device.h"

// Newer than some C libraries; the kernel says EINVAL where it knows them not.
#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif
#ifndef F_SEAL_FUTURE_WRITE
#define F_SEAL_FUTURE_WRITE 0x0010
#endif

namespace hfx {
namespace {

constexpr uint64_t kFaultPiece = 64ull << 20;
constexpr unsigned kFaultThreads = 4;
constexpr int kSeals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_FUTURE_WRITE | F_SEAL_SEAL;

class HostMemory final : public Memory {
public:
    HostMemory(std::shared_ptr<Device> device, void* at, uint64_t bytes, Descriptor file,
               bool readOnly)
        : Memory(std::move(device), reinterpret_cast<uint64_t>(at), bytes, readOnly),
          file_(std::move(file)) {}

    ~HostMemory() override { munmap(reinterpret_cast<void*>(address), bytes); }

    int file() const { return file_.number(); }

protected:
    // The own mapping stays as it is, so that a writable view of it never faults; no new mapping of
    // the file can write, and its size is fixed, so a reader never runs off its end.
    void sealForOffer() override {
        if (!file_.open()) {
            throw Failure(HFX_INVALID, "host memory was not allocated as shareable");
        }
        if (fcntl(file_.number(), F_ADD_SEALS, kSeals) != 0) {
            int error = errno;
            if (error == EINVAL) {
                throw Failure(HFX_UNSUPPORTED, "this kernel has no F_SEAL_FUTURE_WRITE", error);
            }
            throw ioFailure("seal shared memory", error);
        }
    }

private:
    const Descriptor file_;
};

class HostLane final : public Lane {
public:
    void submit(int, uint64_t to, uint64_t from, uint64_t bytes) override {
        std::memcpy(reinterpret_cast<void*>(to), reinterpret_cast<const void*>(from), bytes);
    }
    void await(int) override {}
};

class HostExport final : public Export {
public:
    explicit HostExport(std::shared_ptr<HostMemory> memory) : memory_(std::move(memory)) {}
    int descriptor() const override { return memory_->file(); }

private:
    const std::shared_ptr<HostMemory> memory_;
};

// One thread's share of faulting in: 0 or errno.
int faultIn(char* from, uint64_t bytes) {
    if (madvise(from, bytes, MADV_POPULATE_WRITE) == 0) {
        return 0;
    }
    if (errno != EINVAL) {
        return errno;
    }
    const uint64_t page = static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
    for (uint64_t at = 0; at < bytes; at += page) {
        *static_cast<volatile char*>(from + at) = 0;
    }
    return 0;
}

void faultInAll(char* from, uint64_t bytes) {
    const uint64_t pieces = (bytes + kFaultPiece - 1) / kFaultPiece;
    std::atomic<uint64_t> next{0};
    std::atomic<int> failed{0};
    auto work = [&] {
        for (uint64_t piece = next++; piece < pieces && failed == 0; piece = next++) {
            uint64_t at = piece * kFaultPiece;
            if (int error = faultIn(from + at, std::min(kFaultPiece, bytes - at))) {
                failed = error;
            }
        }
    };
    const unsigned threads = static_cast<unsigned>(std::min<uint64_t>(
        pieces, std::min(kFaultThreads, std::max(1u, std::thread::hardware_concurrency()))));
    std::vector<std::thread> helpers;
    try {
        for (unsigned i = 1; i < threads; i++) {
            helpers.emplace_back(work);
        }
    } catch (const std::system_error&) {
        // Fewer threads do the same work.
    }
    work();
    for (std::thread& helper : helpers) {
        helper.join();
    }
    if (failed != 0) {
        throw Failure(HFX_NO_MEMORY,
                      "fault in " + std::to_string(bytes) + " bytes: " + std::strerror(failed),
                      failed);
    }
}

// Maps at a multiple of the huge page's size: reserves more, places the mapping, gives back the rest.
void* mapAligned(uint64_t bytes, int protection, int flags, int file) {
    const uint64_t reserved = bytes + kHugePage;
    void* room = mmap(nullptr, reserved, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1,
                      0);
    if (room == MAP_FAILED) {
        int error = errno;
        throw Failure(HFX_NO_MEMORY, "reserve " + std::to_string(reserved) + " bytes", error);
    }
    const uint64_t start = reinterpret_cast<uint64_t>(room);
    const uint64_t at = roundUp(start, kHugePage);
    void* mapped = mmap(reinterpret_cast<void*>(at), bytes, protection, flags | MAP_FIXED, file, 0);
    if (mapped == MAP_FAILED) {
        int error = errno;
        munmap(room, reserved);
        throw Failure(error == ENOMEM ? HFX_NO_MEMORY : HFX_IO,
                      "map " + std::to_string(bytes) + " bytes: " + std::strerror(error), error);
    }
    if (at > start) {
        munmap(room, at - start);
    }
    const uint64_t page = static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
    const uint64_t end = roundUp(at + bytes, page);
    if (start + reserved > end) {
        munmap(reinterpret_cast<void*>(end), start + reserved - end);
    }
    return mapped;
}

Descriptor createFile(uint64_t bytes) {
    Descriptor file(memfd_create("hfx-d2d", MFD_CLOEXEC | MFD_ALLOW_SEALING));
    if (!file.open()) {
        throw ioFailure("create shared memory", errno);
    }
    if (ftruncate(file.number(), static_cast<off_t>(bytes)) != 0) {
        throw ioFailure("size shared memory", errno);
    }
    return file;
}

class HostDevice final : public Device {
public:
    const char* kind() const override { return "host"; }
    bool onHost() const override { return true; }

    std::shared_ptr<Memory> allocate(uint64_t bytes, uint32_t flags) override {
        const bool shareable = (flags & HFX_SHAREABLE) != 0;
        Descriptor file = shareable ? createFile(bytes) : Descriptor();
        const int sharing = shareable ? MAP_SHARED : MAP_PRIVATE | MAP_ANONYMOUS;
        void* at = mapAligned(bytes, PROT_READ | PROT_WRITE, sharing, file.number());
        auto memory = std::make_shared<HostMemory>(shared_from_this(), at, bytes, std::move(file),
                                                   false);
        madvise(at, bytes, MADV_HUGEPAGE);  // advice: a kernel without huge pages says no
        faultInAll(static_cast<char*>(at), bytes);
        return memory;
    }

    std::unique_ptr<Lane> lane(const Memory&, const Memory&) override {
        return std::make_unique<HostLane>();
    }

    std::unique_ptr<Export> exportMemory(const std::shared_ptr<Memory>& memory) override {
        auto own = std::dynamic_pointer_cast<HostMemory>(memory);
        if (!own || own->file() < 0) {
            throw Failure(HFX_INVALID, "host memory was not allocated as shareable");
        }
        return std::make_unique<HostExport>(std::move(own));
    }

    // Trusts nothing that the peer says of the file: its size and seals are asked of the kernel.
    std::shared_ptr<Memory> import(const Key&, Descriptor file, uint64_t bytes) override {
        struct stat status {};
        if (!file.open() || fstat(file.number(), &status) != 0) {
            throw Failure(HFX_IO, "the peer sent no shared memory");
        }
        const int seals = fcntl(file.number(), F_GET_SEALS);
        const int needed = F_SEAL_SHRINK | F_SEAL_FUTURE_WRITE;
        if (seals < 0 || (seals & needed) != needed) {
            throw Failure(HFX_IO, "the peer's shared memory is not sealed");
        }
        if (bytes == 0 || static_cast<uint64_t>(status.st_size) != bytes) {
            throw Failure(HFX_IO, "the peer offers " + std::to_string(bytes) + " bytes in a file of "
                                      + std::to_string(status.st_size));
        }
        void* at = mapAligned(bytes, PROT_READ, MAP_SHARED | MAP_POPULATE, file.number());
        return std::make_shared<HostMemory>(shared_from_this(), at, bytes, std::move(file), true);
    }
};

}  // namespace

Failure ioFailure(const std::string& what, int error) {
    return Failure(HFX_IO, what + ": " + std::strerror(error), error);
}

int32_t Device::processId() const { return getpid(); }

std::shared_ptr<Device> openHost() { return std::make_shared<HostDevice>(); }

}  // namespace hfx
