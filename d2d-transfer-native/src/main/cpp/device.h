// What a backend implements: devices, their memory, the lanes that copies run on, and exports.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

#include "counts.h"
#include "descriptor.h"
#include "failure.h"

namespace hfx {

constexpr uint64_t kHugePage = 2ull << 20;

constexpr uint64_t roundUp(uint64_t bytes, uint64_t to) { return (bytes + to - 1) / to * to; }

class Device;

// A block of memory of one device. The destructor frees it; a copy under way holds it too.
class Memory {
public:
    Memory(std::shared_ptr<Device> device, uint64_t address, uint64_t bytes, bool readOnly)
        : device(std::move(device)),
          address(address),
          bytes(bytes),
          readOnly_(readOnly),
          counted_(counts.memories),
          countedBytes_(counts.memoryBytes, static_cast<int64_t>(bytes)) {}
    virtual ~Memory() = default;
    Memory(const Memory&) = delete;
    Memory& operator=(const Memory&) = delete;

    // Read-only from now on, and fit for an offer.
    void seal() {
        std::lock_guard<std::mutex> lock(mutex_);
        if (writers_ > 0) {
            throw Failure(HFX_INVALID, "a copy into the memory is under way");
        }
        if (!readOnly_) {
            sealForOffer();
            readOnly_ = true;
        }
    }

    bool readOnly() const {
        std::lock_guard<std::mutex> lock(mutex_);
        return readOnly_;
    }

    // Every copy into the memory is between these two.
    void beginWrite() {
        std::lock_guard<std::mutex> lock(mutex_);
        if (readOnly_) {
            throw Failure(HFX_INVALID, "the destination is read-only");
        }
        writers_++;
    }
    void endWrite() {
        std::lock_guard<std::mutex> lock(mutex_);
        writers_--;
    }

    // The memory that this one only names again; null for most.
    virtual std::shared_ptr<Memory> original() const { return nullptr; }

    const std::shared_ptr<Device> device;
    const uint64_t address;
    const uint64_t bytes;
    // Both are set once, before the memory gets a handle, where it is another process's. The lease
    // is the socket to it, closed after the derived class has given the mapping back.
    std::string label;
    Descriptor lease;

protected:
    virtual void sealForOffer() {}

private:
    mutable std::mutex mutex_;
    bool readOnly_;
    int writers_ = 0;
    Counted counted_;
    Counted countedBytes_;
};

// Memory of this process, attached to from this process: drivers refuse to import what the same
// process exported.
class AliasMemory final : public Memory {
public:
    explicit AliasMemory(std::shared_ptr<Memory> base)
        : Memory(base->device, base->address, base->bytes, true), base_(std::move(base)) {}

    std::shared_ptr<Memory> original() const override { return base_; }

private:
    const std::shared_ptr<Memory> base_;
};

// One thread's way of copying chunks: made, used and destroyed by that thread. A slot is a chunk
// under way; the destructor waits for all of them.
class Lane {
public:
    static constexpr int kSlots = 2;

    virtual ~Lane() = default;
    // Starts a chunk; the slot is free (never used, or awaited).
    virtual void submit(int slot, uint64_t to, uint64_t from, uint64_t bytes) = 0;
    // Returns when the chunk of the slot has arrived.
    virtual void await(int slot) = 0;
};

// A driver's word for memory that another process can open.
struct Key {
    std::array<unsigned char, 96> data{};
    uint32_t bytes = 0;
    uint64_t offset = 0;  // of the memory in what the key opens
};

// Memory made visible to other processes, for as long as this object lives.
class Export {
public:
    virtual ~Export() = default;
    // Host memory goes as an open file, device memory as a key; -1 where it is the latter.
    virtual int descriptor() const { return -1; }
    virtual Key key() const { return {}; }
    // Lets one more process in, where the driver keeps a list.
    virtual void allow(int32_t /*pid*/) {}
};

class Device : public std::enable_shared_from_this<Device> {
public:
    virtual ~Device() = default;

    virtual const char* kind() const = 0;
    virtual bool onHost() const { return false; }
    virtual std::shared_ptr<Memory> allocate(uint64_t bytes, uint32_t flags) = 0;
    // A lane between two memories of which at least one is of this backend and the other is of this
    // backend or of the host. Runs on the lane's thread.
    virtual std::unique_ptr<Lane> lane(const Memory& to, const Memory& from) = 0;
    virtual std::unique_ptr<Export> exportMemory(const std::shared_ptr<Memory>& memory) = 0;
    virtual std::shared_ptr<Memory> import(const Key& key, Descriptor file, uint64_t bytes) = 0;
    // What the exporter's driver knows this process as.
    virtual int32_t processId() const;
};

std::shared_ptr<Device> openHost();
std::shared_ptr<Device> openCuda(const char* library, int ordinal);
std::shared_ptr<Device> openAscend(const char* library, int ordinal);
int countCuda(const char* library);
int countAscend(const char* library);

}  // namespace hfx
