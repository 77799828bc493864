// A copy under way: lanes take chunks from one counter until none is left.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "device.h"

namespace hfx {

// A range of a memory; checked to lie inside it.
struct Range {
    Range(std::shared_ptr<Memory> memory, uint64_t offset, uint64_t bytes, const char* name);

    std::shared_ptr<Memory> memory;
    uint64_t at;  // address of its first byte
    uint64_t bytes;
};

class Copy {
public:
    Copy(Range to, Range from, uint64_t chunkBytes, int lanes);
    // Ends it.
    ~Copy();
    Copy(const Copy&) = delete;
    Copy& operator=(const Copy&) = delete;

    uint64_t doneBytes() const { return doneBytes_; }
    // Asks the lanes to stop after the chunks under way.
    void cancel() { stop_ = true; }
    // Cancels, and returns when no lane runs any more.
    void end();
    // False: it runs on. Throws what made it fail, or that it was cancelled.
    bool wait(std::chrono::milliseconds timeout);

private:
    void run();
    void runLane();
    void ended();
    void fail(const Failure& failure);

    Range to_;
    Range from_;
    const uint64_t chunkBytes_;
    const uint64_t chunks_;
    std::shared_ptr<Device> driver_;
    Counted counted_{counts.copies};

    std::atomic<uint64_t> next_{0};
    std::atomic<uint64_t> doneBytes_{0};
    std::atomic<bool> stop_{false};

    std::mutex mutex_;
    std::condition_variable changed_;
    size_t running_ = 0;
    std::optional<Failure> failure_;
    std::vector<std::thread> threads_;
};

}  // namespace hfx
