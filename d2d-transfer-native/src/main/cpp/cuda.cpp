// NVIDIA GPUs through the driver API: primary contexts, one non-blocking stream per lane, an event
// per chunk under way, and memory handles between processes.
#include <cstring>
#include <map>
#include <mutex>

#include "device.h"
#include "foreign/cuda_api.h"
#include "foreign/library.h"

namespace hfx {
namespace {

using namespace cuda;

class Driver {
public:
    explicit Driver(const std::string& file) {
        Library library(file);
#define HFX_REQUIRE(name, ...) library.require(#name, api_.name);
        HFX_CUDA_SYMBOLS(HFX_REQUIRE)
#undef HFX_REQUIRE
        Result result = api_.cuInit(0);
        if (result != kSuccess) {
            throw failure("cuInit", result, HFX_UNAVAILABLE);
        }
        result = api_.cuDeviceGetCount(&deviceCount_);
        if (result != kSuccess) {
            throw failure("cuDeviceGetCount", result, HFX_UNAVAILABLE);
        }
    }

    const Api* operator->() const { return &api_; }
    int deviceCount() const { return deviceCount_; }

    void check(const char* function, Result result) const {
        if (result != kSuccess) {
            throw failure(function, result, HFX_DRIVER);
        }
    }

private:
    Failure failure(const char* function, Result result, hfx_code otherwise) const {
        const char* name = nullptr;
        api_.cuGetErrorName(result, &name);
        const hfx_code code = result == kOutOfMemory    ? HFX_NO_MEMORY
                              : result == kNotSupported ? HFX_UNSUPPORTED
                                                        : otherwise;
        return Failure(code,
                       std::string(function) + " failed: " + (name == nullptr ? "unknown" : name)
                           + " (" + std::to_string(result) + ")",
                       result);
    }

    Api api_;
    int deviceCount_ = 0;
};

// Drivers stay for the life of the process, one for each file.
Driver& driverOf(const char* library) {
    static std::mutex mutex;
    static auto& drivers = *new std::map<std::string, std::unique_ptr<Driver>>();
    const std::string file = library == nullptr ? "libcuda.so.1" : library;
    std::lock_guard<std::mutex> lock(mutex);
    auto& driver = drivers[file];
    if (!driver) {
        driver = std::make_unique<Driver>(file);
    }
    return *driver;
}

#define HFX_CHECK(function, ...) driver.check(#function, driver->function(__VA_ARGS__))

class CudaDevice;

// Makes the context current on this thread for as long as it lives.
class Current {
public:
    Current(const Driver& driver, Context context) : driver(driver) {
        HFX_CHECK(cuCtxPushCurrent_v2, context);
    }
    ~Current() {
        Context popped;
        driver->cuCtxPopCurrent_v2(&popped);
    }
    Current(const Current&) = delete;
    Current& operator=(const Current&) = delete;

private:
    const Driver& driver;
};

class CudaDevice final : public Device {
public:
    CudaDevice(Driver& driver, int ordinal) : driver(driver), ordinal(ordinal) {
        if (ordinal < 0 || ordinal >= driver.deviceCount()) {
            throw Failure(HFX_UNAVAILABLE, "there is no CUDA device " + std::to_string(ordinal)
                                               + " of " + std::to_string(driver.deviceCount()));
        }
        HFX_CHECK(cuDeviceGet, &device_, ordinal);
        HFX_CHECK(cuDevicePrimaryCtxRetain, &context_, device_);
    }
    ~CudaDevice() override {
        if (driver->cuDevicePrimaryCtxRelease_v2(device_) != kSuccess) {
            counts.failedReleases++;
        }
    }

    const char* kind() const override { return "cuda"; }
    std::shared_ptr<Memory> allocate(uint64_t bytes, uint32_t) override;
    std::unique_ptr<Lane> lane(const Memory& to, const Memory& from) override;
    std::unique_ptr<Export> exportMemory(const std::shared_ptr<Memory>& memory) override;
    std::shared_ptr<Memory> import(const Key& key, Descriptor, uint64_t bytes) override;

    // Copies between two devices go directly where the machine can, and through the host where not.
    void enablePeer(const CudaDevice& peer) {
        int can = 0;
        HFX_CHECK(cuDeviceCanAccessPeer, &can, device_, peer.device_);
        if (can == 0) {
            return;
        }
        const Result result = driver->cuCtxEnablePeerAccess(peer.context_, 0);
        if (result != kPeerAlreadyEnabled) {
            driver.check("cuCtxEnablePeerAccess", result);
        }
    }

    Context context() const { return context_; }

    Driver& driver;
    const int ordinal;

private:
    Ordinal device_ = 0;
    Context context_ = nullptr;
};

class CudaMemory final : public Memory {
public:
    CudaMemory(const std::shared_ptr<CudaDevice>& device, Address address, uint64_t bytes)
        : Memory(device, address, bytes, false), owner_(*device) {}
    ~CudaMemory() override {
        try {
            Driver& driver = owner_.driver;
            Current current(driver, owner_.context());
            HFX_CHECK(cuMemFree_v2, address);
        } catch (const Failure&) {
            counts.failedReleases++;
        }
    }

private:
    const CudaDevice& owner_;  // kept alive by Memory::device
};

class ImportedCudaMemory final : public Memory {
public:
    ImportedCudaMemory(const std::shared_ptr<CudaDevice>& device, Address base, uint64_t offset,
                       uint64_t bytes)
        : Memory(device, base + offset, bytes, true), owner_(*device), base_(base) {}
    ~ImportedCudaMemory() override {
        try {
            Driver& driver = owner_.driver;
            Current current(driver, owner_.context());
            HFX_CHECK(cuIpcCloseMemHandle, base_);
        } catch (const Failure&) {
            counts.failedReleases++;
        }
    }

private:
    const CudaDevice& owner_;
    const Address base_;
};

class CudaExport final : public Export {
public:
    CudaExport(std::shared_ptr<Memory> memory, Key key) : memory_(std::move(memory)), key_(key) {}
    Key key() const override { return key_; }

private:
    const std::shared_ptr<Memory> memory_;
    const Key key_;
};

class CudaLane final : public Lane {
public:
    CudaLane(CudaDevice& device, const CudaDevice* to, const CudaDevice* from)
        : driver(device.driver), to_(to), from_(from), current_(driver, device.context()) {
        if (to != nullptr && from != nullptr && to->ordinal != from->ordinal) {
            device.enablePeer(device.ordinal == to->ordinal ? *from : *to);
        }
        try {
            HFX_CHECK(cuStreamCreate, &stream_, kStreamNonBlocking);
            counts.streams++;
            for (Event& event : events_) {
                HFX_CHECK(cuEventCreate, &event, kEventBlockingSync | kEventDisableTiming);
            }
        } catch (const Failure&) {
            destroy();
            throw;
        }
    }
    ~CudaLane() override {
        driver->cuStreamSynchronize(stream_);
        destroy();
    }

    void submit(int slot, uint64_t to, uint64_t from, uint64_t bytes) override {
        if (to_ == nullptr) {
            HFX_CHECK(cuMemcpyDtoHAsync_v2, reinterpret_cast<void*>(to), from, bytes, stream_);
        } else if (from_ == nullptr) {
            HFX_CHECK(cuMemcpyHtoDAsync_v2, to, reinterpret_cast<const void*>(from), bytes,
                      stream_);
        } else if (to_->ordinal == from_->ordinal) {
            HFX_CHECK(cuMemcpyDtoDAsync_v2, to, from, bytes, stream_);
        } else {
            HFX_CHECK(cuMemcpyPeerAsync, to, to_->context(), from, from_->context(), bytes,
                      stream_);
        }
        HFX_CHECK(cuEventRecord, events_[slot], stream_);
    }

    void await(int slot) override { HFX_CHECK(cuEventSynchronize, events_[slot]); }

private:
    void destroy() {
        for (Event event : events_) {
            if (event != nullptr && driver->cuEventDestroy_v2(event) != kSuccess) {
                counts.failedReleases++;
            }
        }
        if (stream_ != nullptr) {
            if (driver->cuStreamDestroy_v2(stream_) != kSuccess) {
                counts.failedReleases++;
            }
            counts.streams--;
        }
    }

    const Driver& driver;
    const CudaDevice* const to_;  // null: the host
    const CudaDevice* const from_;
    const Current current_;
    Stream stream_ = nullptr;
    Event events_[kSlots] = {};
};

std::shared_ptr<Memory> CudaDevice::allocate(uint64_t bytes, uint32_t) {
    Current current(driver, context_);
    Address address = 0;
    // Whole pages of the device: an allocation that another process opens then shares no page.
    HFX_CHECK(cuMemAlloc_v2, &address, roundUp(bytes, kHugePage));
    return std::make_shared<CudaMemory>(std::static_pointer_cast<CudaDevice>(shared_from_this()),
                                        address, bytes);
}

std::unique_ptr<Lane> CudaDevice::lane(const Memory& to, const Memory& from) {
    return std::make_unique<CudaLane>(*this, dynamic_cast<const CudaDevice*>(to.device.get()),
                                      dynamic_cast<const CudaDevice*>(from.device.get()));
}

std::unique_ptr<Export> CudaDevice::exportMemory(const std::shared_ptr<Memory>& memory) {
    if (dynamic_cast<CudaMemory*>(memory.get()) == nullptr) {
        throw Failure(HFX_INVALID, "attached memory cannot be offered again");
    }
    Current current(driver, context_);
    Address base = 0;
    size_t whole = 0;
    HFX_CHECK(cuMemGetAddressRange_v2, &base, &whole, memory->address);
    IpcHandle handle;
    HFX_CHECK(cuIpcGetMemHandle, &handle, base);
    Key key;
    key.bytes = sizeof handle;
    key.offset = memory->address - base;
    std::memcpy(key.data.data(), &handle, sizeof handle);
    return std::make_unique<CudaExport>(memory, key);
}

std::shared_ptr<Memory> CudaDevice::import(const Key& key, Descriptor, uint64_t bytes) {
    IpcHandle handle;
    if (key.bytes != sizeof handle) {
        throw Failure(HFX_IO, "the peer sent no CUDA memory handle");
    }
    std::memcpy(&handle, key.data.data(), sizeof handle);
    Current current(driver, context_);
    Address base = 0;
    HFX_CHECK(cuIpcOpenMemHandle_v2, &base, handle, kIpcLazyEnablePeerAccess);
    // The size is asked of the driver, not believed: a copy must not run off the mapping's end. A
    // driver that keeps no record of imported ranges says so; the peer is the same user's, then.
    Address start = 0;
    size_t whole = 0;
    const Result known = driver->cuMemGetAddressRange_v2(&start, &whole, base);
    const bool unrecorded = known == kInvalidValue || known == kNotFound;
    if (!unrecorded && (known != kSuccess || key.offset > whole || bytes > whole - key.offset)) {
        driver->cuIpcCloseMemHandle(base);
        driver.check("cuMemGetAddressRange_v2", known);
        throw Failure(HFX_IO, "the peer offers more than its memory handle opens");
    }
    return std::make_shared<ImportedCudaMemory>(
        std::static_pointer_cast<CudaDevice>(shared_from_this()), base, key.offset, bytes);
}

}  // namespace

std::shared_ptr<Device> openCuda(const char* library, int ordinal) {
    return std::make_shared<CudaDevice>(driverOf(library), ordinal);
}

int countCuda(const char* library) { return driverOf(library).deviceCount(); }

}  // namespace hfx
