// What the process holds now; read by tests to prove that nothing leaks.
#pragma once

#include <atomic>
#include <cstdint>

namespace hfx {

struct Counts {
    std::atomic<int64_t> memories{0};
    std::atomic<int64_t> memoryBytes{0};
    std::atomic<int64_t> copies{0};
    std::atomic<int64_t> offers{0};
    std::atomic<int64_t> leases{0};
    std::atomic<int64_t> descriptors{0};
    std::atomic<int64_t> streams{0};
    std::atomic<int64_t> failedReleases{0};
};

inline Counts counts;

// Adds one to a counter for as long as it lives.
class Counted {
public:
    explicit Counted(std::atomic<int64_t>& counter, int64_t amount = 1)
        : counter_(counter), amount_(amount) {
        counter_ += amount_;
    }
    ~Counted() { counter_ -= amount_; }
    Counted(const Counted&) = delete;
    Counted& operator=(const Counted&) = delete;

private:
    std::atomic<int64_t>& counter_;
    const int64_t amount_;
};

}  // namespace hfx
