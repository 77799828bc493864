#include "offer.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <map>
#include <mutex>
#include <vector>

#include "wire.h"

namespace hfx {
namespace {

constexpr size_t kMaxPeers = 256;
constexpr int kBacklog = 64;
constexpr int kPauseMillis = 100;

// What this process offers, by path, for attaching to oneself.
std::mutex offeredMutex;
std::map<std::string, std::weak_ptr<Memory>>& offered =
    *new std::map<std::string, std::weak_ptr<Memory>>();

template <size_t N>
void setText(char (&into)[N], const std::string& text) {
    const size_t bytes = std::min(text.size(), N - 1);
    std::memcpy(into, text.data(), bytes);
    into[bytes] = '\0';
}

// A socket file that nobody listens at is what a killed process left; it is taken over.
void removeIfDead(const std::string& path, const sockaddr_un& address) {
    struct stat status {};
    if (lstat(path.c_str(), &status) != 0) {
        return;
    }
    Descriptor probe = wire::newSocket();
    const bool dead = S_ISSOCK(status.st_mode)
                      && connect(probe.number(), reinterpret_cast<const sockaddr*>(&address),
                                 sizeof address) != 0
                      && errno == ECONNREFUSED;
    if (!dead) {
        throw Failure(HFX_IO, "cannot offer at " + path + ": it is in use", EADDRINUSE);
    }
    unlink(path.c_str());
}

Descriptor listenAt(const std::string& path) {
    const sockaddr_un address = wire::addressOf(path);
    removeIfDead(path, address);
    Descriptor socket = wire::newSocket();
    // Before bind, so that the file never has another mode.
    if (fchmod(socket.number(), S_IRUSR | S_IWUSR) != 0
        || bind(socket.number(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0
        || listen(socket.number(), kBacklog) != 0) {
        throw ioFailure("offer at " + path, errno);
    }
    return socket;
}

// A full backlog is the one thing that passes by itself.
Descriptor connectTo(const std::string& path, std::chrono::steady_clock::time_point deadline) {
    const sockaddr_un address = wire::addressOf(path);
    Descriptor socket = wire::newSocket();
    while (connect(socket.number(), reinterpret_cast<const sockaddr*>(&address), sizeof address)
           != 0) {
        if (errno != EAGAIN) {
            throw ioFailure("attach at " + path, errno);
        }
        if (std::chrono::steady_clock::now() >= deadline) {
            throw Failure(HFX_TIMEOUT, path + " is busy");
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return socket;
}

}  // namespace

struct Offer::Server {
    struct Peer {
        Descriptor socket;
        bool attached = false;
    };

    Server(std::shared_ptr<Memory> memory, std::string path, std::string label)
        : memory(std::move(memory)), path(std::move(path)), label(std::move(label)) {
        if (auto original = this->memory->original()) {
            this->memory = std::move(original);
        }
        this->memory->seal();
        exported = this->memory->device->exportMemory(this->memory);
        wake = Descriptor(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
        if (!wake.open()) {
            throw ioFailure("make an event descriptor", errno);
        }
        listener = listenAt(this->path);
        std::lock_guard<std::mutex> lock(offeredMutex);
        offered[this->path] = this->memory;
    }

    // No new peers; those attached keep their leases.
    void close() {
        {
            std::lock_guard<std::mutex> lock(offeredMutex);
            offered.erase(path);
        }
        unlink(path.c_str());
        closing = true;
        const uint64_t one = 1;
        if (write(wake.number(), &one, sizeof one) < 0) {
            // The counter is full: the thread is awake anyway.
        }
    }

    void serve() {
        while (!closing || !peers.empty()) {
            if (closing) {
                listener = Descriptor();
                dropWaiting();
                if (peers.empty()) {
                    break;
                }
            }
            step();
        }
        exported.reset();
        memory.reset();
    }

    void step() {
        std::vector<pollfd> watched;
        watched.push_back({wake.number(), POLLIN, 0});
        watched.push_back(
            {!pausing && peers.size() < kMaxPeers ? listener.number() : -1, POLLIN, 0});
        for (const Peer& peer : peers) {
            watched.push_back({peer.socket.number(), POLLIN, 0});
        }
        if (poll(watched.data(), watched.size(), pausing ? kPauseMillis : -1) < 0) {
            return;  // EINTR; nothing else can be wrong with these
        }
        pausing = false;
        uint64_t drained;
        while (read(wake.number(), &drained, sizeof drained) > 0) {
        }
        for (size_t i = peers.size(); i-- > 0;) {
            if (watched[i + 2].revents != 0 && !hear(peers[i])) {
                if (peers[i].attached) {
                    counts.leases--;
                    leases--;
                }
                peers.erase(peers.begin() + static_cast<ptrdiff_t>(i));
            }
        }
        if (watched[1].revents != 0) {
            Descriptor socket(
                accept4(listener.number(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
            int32_t pid = 0;
            if (!socket.open()) {
                pausing = true;  // out of descriptors, for one: not in a spin
            } else if (wire::sameUser(socket.number(), &pid)) {
                peers.push_back(Peer{std::move(socket)});
            }
        }
    }

    // False: the peer is done with.
    bool hear(Peer& peer) {
        wire::Hello hello;
        const ssize_t got = wire::receive(peer.socket.number(), &hello, sizeof hello, nullptr);
        if (got < 0) {
            return errno == EAGAIN || errno == EINTR;
        }
        if (got != sizeof hello || peer.attached) {
            return false;  // closed, or not one of ours
        }
        const wire::Grant grant = answer(hello);
        if (grant.code == HFX_OK) {
            // Counted before the peer can know, so that it never sees itself missing.
            peer.attached = true;
            counts.leases++;
            leases++;
        }
        const int file = grant.code == HFX_OK ? exported->descriptor() : -1;
        const bool sent = wire::send(peer.socket.number(), &grant, sizeof grant, file);
        if (peer.attached && !sent) {
            counts.leases--;
            leases--;
            peer.attached = false;
        }
        return peer.attached;
    }

    wire::Grant answer(const wire::Hello& hello) {
        wire::Grant grant;
        try {
            if (hello.magic != wire::kMagic || hello.version != wire::kVersion) {
                throw Failure(HFX_UNSUPPORTED, "the offering process speaks version "
                                                   + std::to_string(wire::kVersion));
            }
            const char* kind = memory->device->kind();
            if (std::strncmp(hello.kind, kind, sizeof hello.kind) != 0) {
                throw Failure(HFX_INVALID, std::string("the offered memory is of kind ") + kind);
            }
            exported->allow(hello.pid);
            const Key key = exported->key();
            grant.keyBytes = key.bytes;
            grant.keyOffset = key.offset;
            grant.bytes = memory->bytes;
            grant.labelBytes = static_cast<uint32_t>(label.size());
            std::memcpy(grant.key, key.data.data(), sizeof grant.key);
            std::memcpy(grant.label, label.data(), label.size());
        } catch (const Failure& failure) {
            grant.code = failure.code;
            grant.nativeCode = failure.native;
            setText(grant.text, failure.text);
        }
        return grant;
    }

    void dropWaiting() {
        peers.erase(std::remove_if(peers.begin(), peers.end(),
                                   [](const Peer& peer) { return !peer.attached; }),
                    peers.end());
    }

    std::shared_ptr<Memory> memory;
    const std::string path;
    const std::string label;
    std::unique_ptr<Export> exported;
    Descriptor wake;
    Descriptor listener;
    std::vector<Peer> peers;  // of the serving thread, as is the next
    bool pausing = false;
    std::atomic<int> leases{0};
    std::atomic<bool> closing{false};
};

Offer::Offer(std::shared_ptr<Memory> memory, const std::string& path, std::string label)
    : server_(std::make_shared<Server>(std::move(memory), path, std::move(label))) {
    try {
        // Not joined: it lives as long as the last lease, which is the peer's to end.
        std::thread([server = server_] { server->serve(); }).detach();
    } catch (const std::system_error& e) {
        server_->close();
        throw Failure(HFX_NO_MEMORY, std::string("start a serving thread: ") + e.what());
    }
}

Offer::~Offer() { server_->close(); }

int Offer::leases() const { return server_->leases; }

std::shared_ptr<Memory> attach(Device& device, const std::string& path,
                               std::chrono::milliseconds timeout) {
    const auto deadline = std::chrono::steady_clock::now() + timeout;
    Descriptor socket = connectTo(path, deadline);
    int32_t pid = 0;
    if (!wire::sameUser(socket.number(), &pid)) {
        throw Failure(HFX_IO, path + " belongs to another user", EPERM);
    }
    wire::Hello hello;
    setText(hello.kind, device.kind());
    hello.pid = device.processId();
    wire::Grant grant;
    Descriptor file;
    if (!wire::send(socket.number(), &hello, sizeof hello, -1)) {
        throw ioFailure("attach at " + path, errno);
    }
    if (!wire::awaitReadable(socket.number(), deadline)) {
        throw Failure(HFX_TIMEOUT, path + " gave no answer in time");
    }
    const ssize_t got = wire::receive(socket.number(), &grant, sizeof grant, &file);
    if (got != sizeof grant || grant.magic != wire::kMagic || grant.version != wire::kVersion) {
        throw Failure(HFX_IO, path + " gave no valid answer");
    }
    if (grant.code < HFX_OK || grant.code > HFX_IO) {
        throw Failure(HFX_IO, path + " gave no valid answer");
    }
    if (grant.code != HFX_OK) {
        grant.text[sizeof grant.text - 1] = '\0';
        throw Failure(static_cast<hfx_code>(grant.code), grant.text, grant.nativeCode);
    }
    if (grant.labelBytes > HFX_LABEL_BYTES || grant.keyBytes > sizeof grant.key) {
        throw Failure(HFX_IO, path + " gave no valid answer");
    }
    std::shared_ptr<Memory> memory;
    if (pid == getpid()) {
        std::lock_guard<std::mutex> lock(offeredMutex);
        const auto found = offered.find(path);
        std::shared_ptr<Memory> base = found == offered.end() ? nullptr : found->second.lock();
        if (!base) {
            throw Failure(HFX_IO, "the offer at " + path + " has ended");
        }
        memory = std::make_shared<AliasMemory>(std::move(base));
    } else {
        Key key;
        key.bytes = grant.keyBytes;
        key.offset = grant.keyOffset;
        std::memcpy(key.data.data(), grant.key, sizeof grant.key);
        memory = device.import(key, std::move(file), grant.bytes);
    }
    memory->lease = std::move(socket);
    memory->label.assign(grant.label, grant.labelBytes);
    return memory;
}

}  // namespace hfx
