// The two messages between a process that offers memory and one that attaches, over a Unix socket
// that keeps message boundaries. Both processes run on one host: plain structs in its byte order.
#pragma once

#include <sys/un.h>

#include <chrono>
#include <cstdint>
#include <string>

#include "descriptor.h"
#include "hfx_d2d.h"

namespace hfx::wire {

constexpr uint32_t kMagic = 0x44324848;  // "HH2D"
constexpr uint32_t kVersion = 1;

// From the attaching side.
struct Hello {
    uint32_t magic = kMagic;
    uint32_t version = kVersion;
    char kind[16] = {};
    int32_t pid = 0;  // as the exporter's driver knows it
    uint32_t reserved = 0;
};
static_assert(sizeof(Hello) == 32);

// The answer. With HFX_OK it carries the open file of host memory, or a driver's key.
struct Grant {
    uint32_t magic = kMagic;
    uint32_t version = kVersion;
    int32_t code = HFX_OK;
    uint32_t keyBytes = 0;
    uint64_t keyOffset = 0;
    uint64_t bytes = 0;
    uint32_t labelBytes = 0;
    int32_t nativeCode = 0;
    unsigned char key[96] = {};
    char label[HFX_LABEL_BYTES] = {};
    char text[128] = {};  // why not, when the code is not HFX_OK
};
static_assert(sizeof(Grant) == 520);

sockaddr_un addressOf(const std::string& path);
Descriptor newSocket();
// Sends a whole message; file < 0: none goes with it. Never blocks; false when the peer is gone.
bool send(int socket, const void* message, size_t bytes, int file);
// Receives one message without blocking, and the file that came with it. -1 and errno, or its size.
ssize_t receive(int socket, void* message, size_t bytes, Descriptor* file);
// True when the socket is ready to read before the time is over.
bool awaitReadable(int socket, std::chrono::steady_clock::time_point deadline);
// Whether the process at the other end runs as the same user; its pid, as this host sees it.
bool sameUser(int socket, int32_t* pid);

}  // namespace hfx::wire
