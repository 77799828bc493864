// Memory offered to other processes of this host and user at a Unix socket, and attaching to it.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <thread>

#include "device.h"

namespace hfx {

// One thread serves the socket. A peer's connection is its lease: it ends when the peer lets go of
// the memory or dies, and until then the memory stays, also when the offer itself has ended.
class Offer {
public:
    Offer(std::shared_ptr<Memory> memory, const std::string& path, std::string label);
    ~Offer();
    Offer(const Offer&) = delete;
    Offer& operator=(const Offer&) = delete;

    int leases() const;

private:
    struct Server;

    const std::shared_ptr<Server> server_;
    Counted counted_{counts.offers};
};

std::shared_ptr<Memory> attach(Device& device, const std::string& path,
                               std::chrono::milliseconds timeout);

}  // namespace hfx
