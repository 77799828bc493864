#include "wire.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "failure.h"

namespace hfx::wire {

sockaddr_un addressOf(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.empty() || path.size() >= sizeof address.sun_path) {
        throw Failure(HFX_INVALID, "a socket's path has 1 to "
                                       + std::to_string(sizeof address.sun_path - 1)
                                       + " bytes, this one " + std::to_string(path.size()));
    }
    std::memcpy(address.sun_path, path.c_str(), path.size());
    return address;
}

Descriptor newSocket() {
    Descriptor socket(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!socket.open()) {
        throw ioFailure("make a Unix socket", errno);
    }
    return socket;
}

bool send(int socket, const void* message, size_t bytes, int file) {
    iovec part{const_cast<void*>(message), bytes};
    msghdr header{};
    header.msg_iov = &part;
    header.msg_iovlen = 1;
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
    if (file >= 0) {
        header.msg_control = control;
        header.msg_controllen = sizeof control;
        cmsghdr* rights = CMSG_FIRSTHDR(&header);
        rights->cmsg_level = SOL_SOCKET;
        rights->cmsg_type = SCM_RIGHTS;
        rights->cmsg_len = CMSG_LEN(sizeof(int));
        std::memcpy(CMSG_DATA(rights), &file, sizeof file);
    }
    return sendmsg(socket, &header, MSG_NOSIGNAL) == static_cast<ssize_t>(bytes);
}

ssize_t receive(int socket, void* message, size_t bytes, Descriptor* file) {
    iovec part{message, bytes};
    msghdr header{};
    header.msg_iov = &part;
    header.msg_iovlen = 1;
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
    header.msg_control = control;
    header.msg_controllen = sizeof control;
    const ssize_t got = recvmsg(socket, &header, MSG_CMSG_CLOEXEC);
    if (got < 0) {
        return got;
    }
    // Whatever came is taken, so that it is closed also where none was wanted.
    for (cmsghdr* at = CMSG_FIRSTHDR(&header); at != nullptr; at = CMSG_NXTHDR(&header, at)) {
        if (at->cmsg_level == SOL_SOCKET && at->cmsg_type == SCM_RIGHTS) {
            const size_t count = (at->cmsg_len - CMSG_LEN(0)) / sizeof(int);
            for (size_t i = 0; i < count; i++) {
                int number;
                std::memcpy(&number, CMSG_DATA(at) + i * sizeof(int), sizeof number);
                Descriptor received(number);
                if (file != nullptr) {
                    *file = std::move(received);
                }
            }
        }
    }
    return got;
}

bool awaitReadable(int socket, std::chrono::steady_clock::time_point deadline) {
    using namespace std::chrono;
    while (true) {
        const auto left = duration_cast<milliseconds>(deadline - steady_clock::now()).count();
        pollfd watched{socket, POLLIN, 0};
        const int ready = poll(
            &watched, 1, static_cast<int>(std::clamp<int64_t>(left, 0, 60'000)));
        if (ready > 0) {
            return true;
        }
        if (ready < 0 && errno != EINTR) {
            throw ioFailure("wait for the peer", errno);
        }
        if (ready == 0 && left <= 0) {
            return false;
        }
    }
}

bool sameUser(int socket, int32_t* pid) {
    ucred peer{};
    socklen_t size = sizeof peer;
    if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) {
        return false;
    }
    *pid = peer.pid;
    return peer.uid == geteuid();
}

}  // namespace hfx::wire
