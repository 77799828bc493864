#include "copy.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace hfx {
namespace {

std::shared_ptr<Device> driverFor(const Memory& to, const Memory& from) {
    if (to.device->onHost()) {
        return from.device;
    }
    if (!from.device->onHost() && std::strcmp(to.device->kind(), from.device->kind()) != 0) {
        throw Failure(HFX_UNSUPPORTED, std::string("no copy from ") + from.device->kind() + " to "
                                           + to.device->kind() + ": go through the host");
    }
    return to.device;
}

}  // namespace

Range::Range(std::shared_ptr<Memory> memory, uint64_t offset, uint64_t bytes, const char* name)
    : memory(std::move(memory)), at(0), bytes(bytes) {
    if (offset > this->memory->bytes || bytes > this->memory->bytes - offset) {
        throw Failure(HFX_INVALID, std::string(name) + ": " + std::to_string(bytes) + " bytes from "
                                       + std::to_string(offset) + " exceed the memory's "
                                       + std::to_string(this->memory->bytes));
    }
    at = this->memory->address + offset;
}

Copy::Copy(Range to, Range from, uint64_t chunkBytes, int lanes)
    : to_(std::move(to)),
      from_(std::move(from)),
      chunkBytes_(chunkBytes),
      chunks_((to_.bytes + chunkBytes - 1) / chunkBytes),
      driver_(driverFor(*to_.memory, *from_.memory)) {
    if (to_.memory->device == from_.memory->device && to_.at < from_.at + from_.bytes
        && from_.at < to_.at + to_.bytes) {
        throw Failure(HFX_INVALID, "source and destination overlap");
    }
    to_.memory->beginWrite();
    const size_t threads = static_cast<size_t>(std::min<uint64_t>(chunks_, lanes));
    std::unique_lock<std::mutex> lock(mutex_);
    try {
        threads_.reserve(threads);
        for (; running_ < threads; running_++) {
            threads_.emplace_back([this] { run(); });
        }
    } catch (const std::exception& e) {
        // The lanes that started do all the work; without any the copy has failed.
        if (running_ == 0) {
            to_.memory->endWrite();
            throw Failure(HFX_NO_MEMORY, std::string("start a copying thread: ") + e.what());
        }
    }
    if (running_ == 0) {
        ended();  // nothing to copy
    }
}

Copy::~Copy() {
    cancel();
    for (std::thread& thread : threads_) {
        thread.join();
    }
}

void Copy::end() {
    cancel();
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait(lock, [this] { return running_ == 0; });
}

bool Copy::wait(std::chrono::milliseconds timeout) {
    std::unique_lock<std::mutex> lock(mutex_);
    if (!changed_.wait_for(lock, timeout, [this] { return running_ == 0; })) {
        return false;
    }
    if (failure_) {
        throw *failure_;
    }
    if (doneBytes_ < to_.bytes) {
        throw Failure(HFX_CANCELLED, "cancelled after " + std::to_string(doneBytes_) + " of "
                                         + std::to_string(to_.bytes) + " bytes");
    }
    return true;
}

void Copy::run() {
    try {
        runLane();
    } catch (const Failure& failure) {
        fail(failure);
    } catch (const std::exception& e) {
        fail(Failure(HFX_NO_MEMORY, e.what()));
    }
    std::lock_guard<std::mutex> lock(mutex_);
    if (--running_ == 0) {
        ended();
    }
}

// Keeps a chunk under way in every slot. The lane's destructor waits for those that an error left.
void Copy::runLane() {
    const std::unique_ptr<Lane> lane = driver_->lane(*to_.memory, *from_.memory);
    uint64_t underWay[Lane::kSlots] = {};
    auto arrive = [&](int slot) {
        if (underWay[slot] > 0) {
            lane->await(slot);
            doneBytes_ += std::exchange(underWay[slot], 0);
        }
    };
    int slot = 0;
    while (!stop_) {
        const uint64_t chunk = next_++;
        if (chunk >= chunks_) {
            break;
        }
        arrive(slot);
        const uint64_t offset = chunk * chunkBytes_;
        const uint64_t bytes = std::min(chunkBytes_, to_.bytes - offset);
        lane->submit(slot, to_.at + offset, from_.at + offset, bytes);
        underWay[slot] = bytes;
        slot = (slot + 1) % Lane::kSlots;
    }
    for (int i = 0; i < Lane::kSlots; i++) {
        arrive((slot + i) % Lane::kSlots);
    }
}

// Called with the mutex held. Lets go of the memories, so that a handle kept for its result holds none.
void Copy::ended() {
    to_.memory->endWrite();
    to_.memory.reset();
    from_.memory.reset();
    changed_.notify_all();
}

void Copy::fail(const Failure& failure) {
    cancel();
    std::lock_guard<std::mutex> lock(mutex_);
    if (!failure_) {
        failure_.emplace(failure);
    }
}

}  // namespace hfx
