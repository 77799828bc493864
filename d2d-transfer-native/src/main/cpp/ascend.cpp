// Ascend NPUs through AscendCL: a stream per chunk under way, and memory keys between processes.
#include <algorithm>
#include <cstring>
#include <map>
#include <mutex>
#include <set>
#include <utility>

#include "device.h"
#include "foreign/ascend_api.h"
#include "foreign/library.h"

namespace hfx {
namespace {

using namespace ascend;

class Driver {
public:
    explicit Driver(const std::string& file) {
        Library library(file);
#define HFX_REQUIRE(name, ...) library.require(#name, api_.name);
        HFX_ASCEND_REQUIRED(HFX_REQUIRE)
#undef HFX_REQUIRE
#define HFX_FIND(name, ...) library.find(#name, api_.name);
        HFX_ASCEND_OPTIONAL(HFX_FIND)
#undef HFX_FIND
        library.find("aclGetRecentErrMsg", api_.aclGetRecentErrMsg);
        Result result = api_.aclInit(nullptr);
        if (result != kSuccess && result != kAlreadyInitialised) {
            throw failure("aclInit", result, HFX_UNAVAILABLE);
        }
        result = api_.aclrtGetDeviceCount(&deviceCount_);
        if (result != kSuccess) {
            throw failure("aclrtGetDeviceCount", result, HFX_UNAVAILABLE);
        }
    }

    const Api* operator->() const { return &api_; }
    uint32_t deviceCount() const { return deviceCount_; }

    // Once for each pair and process, as AscendCL wants it. The device is the thread's.
    void enablePeer(int32_t device, int32_t peer) {
        std::lock_guard<std::mutex> lock(mutex_);
        if (peers_.count({device, peer}) > 0) {
            return;
        }
        int32_t can = 0;
        check("aclrtDeviceCanAccessPeer", api_.aclrtDeviceCanAccessPeer(&can, device, peer));
        if (can == 0) {
            throw Failure(HFX_UNSUPPORTED, "Ascend devices " + std::to_string(device) + " and "
                                               + std::to_string(peer) + " cannot reach each other");
        }
        check("aclrtDeviceEnablePeerAccess", api_.aclrtDeviceEnablePeerAccess(peer, 0));
        peers_.insert({device, peer});
    }

    void check(const char* function, Result result) const {
        if (result != kSuccess) {
            throw failure(function, result, HFX_DRIVER);
        }
    }

private:
    Failure failure(const char* function, Result result, hfx_code otherwise) const {
        const char* told = api_.aclGetRecentErrMsg == nullptr ? nullptr : api_.aclGetRecentErrMsg();
        std::string text = std::string(function) + " failed (" + std::to_string(result) + ")";
        if (told != nullptr && *told != '\0') {
            text += std::string(": ") + told;
        }
        return Failure(result == kOutOfMemory ? HFX_NO_MEMORY : otherwise, text, result);
    }

    Api api_;
    uint32_t deviceCount_ = 0;
    std::mutex mutex_;
    std::set<std::pair<int32_t, int32_t>> peers_;
};

Driver& driverOf(const char* library) {
    static std::mutex mutex;
    static auto& drivers = *new std::map<std::string, std::unique_ptr<Driver>>();
    const std::string file = library == nullptr ? "libascendcl.so" : library;
    std::lock_guard<std::mutex> lock(mutex);
    auto& driver = drivers[file];
    if (!driver) {
        driver = std::make_unique<Driver>(file);
    }
    return *driver;
}

#define HFX_CHECK(function, ...) driver.check(#function, driver->function(__VA_ARGS__))

class AscendDevice final : public Device {
public:
    AscendDevice(Driver& driver, int ordinal) : driver(driver), ordinal(ordinal) {
        if (ordinal < 0 || static_cast<uint32_t>(ordinal) >= driver.deviceCount()) {
            throw Failure(HFX_UNAVAILABLE, "there is no Ascend device " + std::to_string(ordinal)
                                               + " of " + std::to_string(driver.deviceCount()));
        }
        bind();
    }

    const char* kind() const override { return "ascend"; }
    std::shared_ptr<Memory> allocate(uint64_t bytes, uint32_t) override;
    std::unique_ptr<Lane> lane(const Memory& to, const Memory& from) override;
    std::unique_ptr<Export> exportMemory(const std::shared_ptr<Memory>& memory) override;
    std::shared_ptr<Memory> import(const Key& key, Descriptor, uint64_t bytes) override;
    int32_t processId() const override;

    // AscendCL's device is one of the thread: every use of the driver begins here.
    void bind() const { HFX_CHECK(aclrtSetDevice, ordinal); }

    Driver& driver;
    const int ordinal;
};

// The key of an export or an import, closed by the side that took it.
class OpenKey {
public:
    OpenKey(const AscendDevice& device, std::string key, bool listed)
        : text(std::move(key)), listed(listed), device_(device) {}
    ~OpenKey() {
        try {
            device_.bind();
            Driver& driver = device_.driver;
            HFX_CHECK(aclrtIpcMemClose, text.c_str());
        } catch (const Failure&) {
            counts.failedReleases++;
        }
    }
    OpenKey(const OpenKey&) = delete;
    OpenKey& operator=(const OpenKey&) = delete;

    const std::string text;
    const bool listed;  // opens for processes on a list only

private:
    const AscendDevice& device_;
};

class AscendMemory final : public Memory {
public:
    AscendMemory(const std::shared_ptr<AscendDevice>& device, void* at, uint64_t bytes)
        : Memory(device, reinterpret_cast<uint64_t>(at), bytes, false), owner_(*device) {}
    ~AscendMemory() override {
        try {
            owner_.bind();
            Driver& driver = owner_.driver;
            HFX_CHECK(aclrtFree, reinterpret_cast<void*>(address));
        } catch (const Failure&) {
            counts.failedReleases++;
        }
    }

    // All exports of the memory share one key: to close it for one would close it for all.
    std::shared_ptr<OpenKey> exported();

private:
    std::shared_ptr<OpenKey> makeKey();

    const AscendDevice& owner_;  // kept alive by Memory::device
    std::mutex keyMutex_;
    std::weak_ptr<OpenKey> key_;
};

class ImportedAscendMemory final : public Memory {
public:
    ImportedAscendMemory(const std::shared_ptr<AscendDevice>& device, void* at, uint64_t bytes,
                         std::unique_ptr<OpenKey> key)
        : Memory(device, reinterpret_cast<uint64_t>(at), bytes, true), key_(std::move(key)) {}

private:
    const std::unique_ptr<OpenKey> key_;
};

class AscendExport final : public Export {
public:
    AscendExport(std::shared_ptr<Memory> memory, const AscendDevice& device,
                 std::shared_ptr<OpenKey> key)
        : memory_(std::move(memory)), device_(device), key_(std::move(key)) {}

    Key key() const override {
        Key key;
        key.bytes = kKeyBytes;
        std::memcpy(key.data.data(), key_->text.c_str(), key_->text.size() + 1);
        return key;
    }

    void allow(int32_t pid) override {
        if (key_->listed) {
            device_.bind();
            Driver& driver = device_.driver;
            HFX_CHECK(aclrtIpcMemSetImportPid, key_->text.c_str(), &pid, 1);
        }
    }

private:
    const std::shared_ptr<Memory> memory_;
    const AscendDevice& device_;
    const std::shared_ptr<OpenKey> key_;
};

// The slots' streams are the pipeline: one chunk is under way on each.
class AscendLane final : public Lane {
public:
    AscendLane(AscendDevice& device, CopyKind kind) : driver(device.driver), kind_(kind) {
        device.bind();
        try {
            for (Stream& stream : streams_) {
                HFX_CHECK(aclrtCreateStream, &stream);
                counts.streams++;
            }
        } catch (const Failure&) {
            destroy();
            throw;
        }
    }
    ~AscendLane() override {
        for (Stream stream : streams_) {
            driver->aclrtSynchronizeStream(stream);
        }
        destroy();
    }

    void submit(int slot, uint64_t to, uint64_t from, uint64_t bytes) override {
        HFX_CHECK(aclrtMemcpyAsync, reinterpret_cast<void*>(to), bytes,
                  reinterpret_cast<const void*>(from), bytes, kind_, streams_[slot]);
    }

    void await(int slot) override { HFX_CHECK(aclrtSynchronizeStream, streams_[slot]); }

private:
    void destroy() {
        for (Stream stream : streams_) {
            if (stream != nullptr) {
                if (driver->aclrtDestroyStream(stream) != kSuccess) {
                    counts.failedReleases++;
                }
                counts.streams--;
            }
        }
    }

    const Driver& driver;
    const CopyKind kind_;
    Stream streams_[kSlots] = {};
};

std::shared_ptr<Memory> AscendDevice::allocate(uint64_t bytes, uint32_t) {
    bind();
    void* at = nullptr;
    // An export wants whole huge pages.
    HFX_CHECK(aclrtMalloc, &at, roundUp(bytes, kHugePage), kHugeFirst);
    return std::make_shared<AscendMemory>(
        std::static_pointer_cast<AscendDevice>(shared_from_this()), at, bytes);
}

std::unique_ptr<Lane> AscendDevice::lane(const Memory& to, const Memory& from) {
    if (to.device->onHost()) {
        return std::make_unique<AscendLane>(*this, kDeviceToHost);
    }
    if (from.device->onHost()) {
        return std::make_unique<AscendLane>(*this, kHostToDevice);
    }
    bind();
    for (const Memory* memory : {&to, &from}) {
        const int other = static_cast<const AscendDevice&>(*memory->device).ordinal;
        if (other != ordinal) {
            driver.enablePeer(ordinal, other);
        }
    }
    return std::make_unique<AscendLane>(*this, kDeviceToDevice);
}

std::shared_ptr<OpenKey> AscendMemory::exported() {
    std::lock_guard<std::mutex> lock(keyMutex_);
    std::shared_ptr<OpenKey> key = key_.lock();
    if (!key) {
        key = makeKey();
        key_ = key;
    }
    return key;
}

std::shared_ptr<OpenKey> AscendMemory::makeKey() {
    Driver& driver = owner_.driver;
    owner_.bind();
    char key[kKeyBytes] = {};
    void* at = reinterpret_cast<void*>(address);
    const uint64_t whole = roundUp(bytes, kHugePage);
    // Older releases reserve the flag and keep a list of the processes that may open the key.
    Result open = driver->aclrtIpcMemGetExportKey(at, whole, key, sizeof key, kExportWithoutPids);
    const bool listed = open != kSuccess && driver->aclrtIpcMemSetImportPid != nullptr;
    if (listed) {
        open = driver->aclrtIpcMemGetExportKey(at, whole, key, sizeof key, 0);
    }
    driver.check("aclrtIpcMemGetExportKey", open);
    key[kKeyBytes - 1] = '\0';
    return std::make_shared<OpenKey>(owner_, key, listed);
}

std::unique_ptr<Export> AscendDevice::exportMemory(const std::shared_ptr<Memory>& memory) {
    auto* own = dynamic_cast<AscendMemory*>(memory.get());
    if (own == nullptr) {
        throw Failure(HFX_INVALID, "attached memory cannot be offered again");
    }
    if (driver->aclrtIpcMemGetExportKey == nullptr || driver->aclrtIpcMemClose == nullptr) {
        throw Failure(HFX_UNSUPPORTED, "this CANN has no memory keys between processes");
    }
    return std::make_unique<AscendExport>(memory, *this, own->exported());
}

std::shared_ptr<Memory> AscendDevice::import(const Key& key, Descriptor, uint64_t bytes) {
    if (driver->aclrtIpcMemImportByKey == nullptr || driver->aclrtIpcMemClose == nullptr) {
        throw Failure(HFX_UNSUPPORTED, "this CANN has no memory keys between processes");
    }
    const char* text = reinterpret_cast<const char*>(key.data.data());
    if (key.bytes != kKeyBytes || text[kKeyBytes - 1] != '\0') {
        throw Failure(HFX_IO, "the peer sent no Ascend memory key");
    }
    bind();
    void* at = nullptr;
    HFX_CHECK(aclrtIpcMemImportByKey, &at, text, kImportWithPeerAccess);
    auto open = std::make_unique<OpenKey>(*this, text, false);
    return std::make_shared<ImportedAscendMemory>(
        std::static_pointer_cast<AscendDevice>(shared_from_this()), at, bytes, std::move(open));
}

int32_t AscendDevice::processId() const {
    int32_t pid = 0;
    if (driver->aclrtDeviceGetBareTgid == nullptr) {
        return Device::processId();
    }
    bind();
    HFX_CHECK(aclrtDeviceGetBareTgid, &pid);
    return pid;
}

}  // namespace

std::shared_ptr<Device> openAscend(const char* library, int ordinal) {
    return std::make_shared<AscendDevice>(driverOf(library), ordinal);
}

int countAscend(const char* library) { return static_cast<int>(driverOf(library).deviceCount()); }

}  // namespace hfx
