// The C ABI: arguments checked, handles looked up, failures turned into codes and texts.
#include <algorithm>
#include <cstring>
#include <new>

#include "copy.h"
#include "handles.h"
#include "offer.h"

namespace hfx {
namespace {

constexpr uint64_t kMaxBytes = 1ull << 46;
constexpr uint64_t kMinChunk = 4096;
constexpr int32_t kMaxLanes = 16;
constexpr uint64_t kMaxWaitMillis = 86'400'000;

int32_t report(hfx_error* error, hfx_code code, int native, const char* text) {
    if (error != nullptr) {
        error->code = code;
        error->native_code = native;
        size_t at = 0;
        // A driver's words may be in any encoding.
        for (; text[at] != '\0' && at + 1 < sizeof error->text; at++) {
            error->text[at] = text[at] >= ' ' && text[at] <= '~' ? text[at] : '?';
        }
        error->text[at] = '\0';
    }
    return code;
}

// No exception passes the ABI.
template <typename Body>
int32_t guarded(hfx_error* error, Body&& body) {
    try {
        body();
        return HFX_OK;
    } catch (const Failure& failure) {
        return report(error, failure.code, failure.native, failure.what());
    } catch (const std::bad_alloc&) {
        return report(error, HFX_NO_MEMORY, 0, "no memory for the library's own records");
    } catch (const std::exception& e) {
        return report(error, HFX_IO, 0, e.what());
    }
}

void need(bool good, const char* text) {
    if (!good) {
        throw Failure(HFX_INVALID, text);
    }
}

std::chrono::milliseconds millis(uint64_t timeout) {
    return std::chrono::milliseconds(std::min(timeout, kMaxWaitMillis));
}

}  // namespace
}  // namespace hfx

using namespace hfx;

int32_t hfx_abi(void) { return HFX_D2D_ABI; }

int32_t hfx_device_open(const char* kind, const char* library, int32_t ordinal, hfx_handle* device,
                        hfx_error* error) {
    return guarded(error, [&] {
        need(kind != nullptr && device != nullptr, "kind and device must not be null");
        if (std::strcmp(kind, "host") == 0) {
            need(ordinal == 0, "the host has one device, 0");
            *device = Handles::add(openHost());
        } else if (std::strcmp(kind, "cuda") == 0) {
            *device = Handles::add(openCuda(library, ordinal));
        } else if (std::strcmp(kind, "ascend") == 0) {
            *device = Handles::add(openAscend(library, ordinal));
        } else {
            throw Failure(HFX_INVALID, "kind must be host, cuda or ascend");
        }
    });
}

int32_t hfx_device_count(const char* kind, const char* library, int32_t* count, hfx_error* error) {
    return guarded(error, [&] {
        need(kind != nullptr && count != nullptr, "kind and count must not be null");
        if (std::strcmp(kind, "host") == 0) {
            *count = 1;
        } else if (std::strcmp(kind, "cuda") == 0) {
            *count = countCuda(library);
        } else if (std::strcmp(kind, "ascend") == 0) {
            *count = countAscend(library);
        } else {
            throw Failure(HFX_INVALID, "kind must be host, cuda or ascend");
        }
    });
}

int32_t hfx_memory_allocate(hfx_handle device, uint64_t bytes, uint32_t flags, hfx_handle* memory,
                            hfx_error* error) {
    return guarded(error, [&] {
        need(memory != nullptr, "memory must not be null");
        need(bytes > 0 && bytes <= kMaxBytes, "bytes must be 1 to 2^46");
        need((flags & ~HFX_SHAREABLE) == 0, "unknown flag");
        *memory = Handles::add(Handles::get<Device>(device)->allocate(bytes, flags));
    });
}

int32_t hfx_memory_retain(hfx_handle memory, hfx_handle* again, hfx_error* error) {
    return guarded(error, [&] {
        need(again != nullptr, "again must not be null");
        *again = Handles::add(Handles::get<Memory>(memory));
    });
}

int32_t hfx_memory_info_of(hfx_handle memory, hfx_memory_info* info, hfx_error* error) {
    return guarded(error, [&] {
        need(info != nullptr, "info must not be null");
        const auto known = Handles::get<Memory>(memory);
        *info = {known->address, known->bytes, known->device->onHost(), known->readOnly()};
    });
}

int32_t hfx_memory_seal(hfx_handle memory, hfx_error* error) {
    return guarded(error, [&] { Handles::get<Memory>(memory)->seal(); });
}

int32_t hfx_copy_start(hfx_handle to, uint64_t to_offset, hfx_handle from, uint64_t from_offset,
                       uint64_t bytes, uint64_t chunk_bytes, int32_t lanes, hfx_handle* copy,
                       hfx_error* error) {
    return guarded(error, [&] {
        need(copy != nullptr, "copy must not be null");
        need(chunk_bytes >= kMinChunk && chunk_bytes <= kMaxBytes,
             "chunk_bytes must be 4096 to 2^46");
        need(lanes >= 1 && lanes <= kMaxLanes, "lanes must be 1 to 16");
        *copy = Handles::add(std::make_shared<Copy>(
            Range(Handles::get<Memory>(to), to_offset, bytes, "destination"),
            Range(Handles::get<Memory>(from), from_offset, bytes, "source"), chunk_bytes, lanes));
    });
}

int32_t hfx_copy_progress(hfx_handle copy, uint64_t* done_bytes, hfx_error* error) {
    return guarded(error, [&] {
        need(done_bytes != nullptr, "done_bytes must not be null");
        *done_bytes = Handles::get<Copy>(copy)->doneBytes();
    });
}

int32_t hfx_copy_cancel(hfx_handle copy, hfx_error* error) {
    return guarded(error, [&] { Handles::get<Copy>(copy)->cancel(); });
}

int32_t hfx_copy_wait(hfx_handle copy, uint64_t timeout_millis, hfx_error* error) {
    return guarded(error, [&] {
        if (!Handles::get<Copy>(copy)->wait(millis(timeout_millis))) {
            throw Failure(HFX_TIMEOUT, "the copy is still running");
        }
    });
}

int32_t hfx_offer_start(hfx_handle memory, const char* path, const void* label,
                        uint32_t label_bytes, hfx_handle* offer, hfx_error* error) {
    return guarded(error, [&] {
        need(path != nullptr && offer != nullptr, "path and offer must not be null");
        need(label_bytes <= HFX_LABEL_BYTES, "a label has at most 256 bytes");
        need(label != nullptr || label_bytes == 0, "label must not be null");
        *offer = Handles::add(
            std::make_shared<Offer>(Handles::get<Memory>(memory), path,
                                    std::string(static_cast<const char*>(label), label_bytes)));
    });
}

int32_t hfx_offer_leases(hfx_handle offer, int32_t* leases, hfx_error* error) {
    return guarded(error, [&] {
        need(leases != nullptr, "leases must not be null");
        *leases = Handles::get<Offer>(offer)->leases();
    });
}

int32_t hfx_attach(hfx_handle device, const char* path, uint64_t timeout_millis,
                   hfx_handle* memory, hfx_error* error) {
    return guarded(error, [&] {
        need(path != nullptr && memory != nullptr, "path and memory must not be null");
        *memory = Handles::add(attach(*Handles::get<Device>(device), path, millis(timeout_millis)));
    });
}

int32_t hfx_memory_label(hfx_handle memory, void* label, uint32_t* label_bytes, hfx_error* error) {
    return guarded(error, [&] {
        need(label != nullptr && label_bytes != nullptr, "label must not be null");
        const std::string& known = Handles::get<Memory>(memory)->label;
        std::memcpy(label, known.data(), known.size());
        *label_bytes = static_cast<uint32_t>(known.size());
    });
}

int32_t hfx_release(hfx_handle handle, hfx_error* error) {
    return guarded(error, [&] {
        const Handles::Object object = Handles::remove(handle);
        // Said here and not left to the destructor: a thread that waits for the copy holds it, too.
        if (const auto* copy = std::get_if<std::shared_ptr<Copy>>(&object)) {
            (*copy)->end();
        }
    });
}

int32_t hfx_count(hfx_counts* out) {
    out->handles = Handles::size();
    out->memories = counts.memories;
    out->memory_bytes = counts.memoryBytes;
    out->copies = counts.copies;
    out->offers = counts.offers;
    out->leases = counts.leases;
    out->descriptors = counts.descriptors;
    out->streams = counts.streams;
    out->failed_releases = counts.failedReleases;
    return HFX_OK;
}
