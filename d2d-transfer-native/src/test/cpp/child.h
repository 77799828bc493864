// The tests' second process: this program again, with the offer to attach to. It exits with 0 where
// it saw the right bytes, and with the library's code where it was refused.
#pragma once

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

struct Attaching {
    std::string kind, library, path;
    uint64_t seed;
    std::string then;      // "leave", or "stay" until the standard input ends
    std::string environment;  // NAME=value, or empty
};

// The second process's exit code where the driver refused to take something back.
constexpr int kReleaseRefused = 100;

inline std::string programPath() {
    char path[4096];
    const ssize_t bytes = readlink("/proc/self/exe", path, sizeof path - 1);
    return std::string(path, bytes > 0 ? static_cast<size_t>(bytes) : 0);
}

// What the second process does.
inline int attachAndLook(char** argument) {
    const char* kind = argument[2];
    const char* library = *argument[3] == '\0' ? nullptr : argument[3];
    const uint64_t seed = strtoull(argument[5], nullptr, 10);
    hfx_error error{};
    hfx_handle host, device, memory = 0, own, copy;
    OK(hfx_device_open("host", nullptr, 0, &host, e));
    if (int code = hfx_device_open(kind, library, 0, &device, &error)) {
        return code;
    }
    if (int code = hfx_attach(device, argument[4], 30000, &memory, &error)) {
        fprintf(stderr, "attach: %s\n", error.text);
        return code;
    }
    hfx_memory_info info{};
    OK(hfx_memory_info_of(memory, &info, e));
    CHECK(info.read_only);
    char label[HFX_LABEL_BYTES];
    uint32_t labelBytes = 0;
    OK(hfx_memory_label(memory, label, &labelBytes, e));
    CHECK(std::string(label, labelBytes) == "image " + std::to_string(seed));
    OK(hfx_memory_allocate(host, info.bytes, 0, &own, e));
    REFUSED(HFX_INVALID,
            hfx_copy_start(memory, 0, own, 0, info.bytes, 1 << 20, 2, &copy, e));
    copyAll(own, memory, info.bytes, 1 << 20, 2);
    CHECK(filled(bytesOf(own), info.bytes, seed));
    if (info.on_host) {
        CHECK(filled(bytesOf(memory), info.bytes, seed));
    }
    if (strcmp(argument[6], "stay") == 0) {
        puts("attached");
        fflush(stdout);
        char ignored;
        while (read(STDIN_FILENO, &ignored, 1) > 0) {
        }
    }
    for (hfx_handle handle : {memory, own, device, host}) {
        OK(hfx_release(handle, e));
    }
    CHECK(nothingLeft());
    return countsNow().failed_releases == 0 ? 0 : kReleaseRefused;
}

class Child {
public:
    explicit Child(const Attaching& what) {
        int in[2], out[2];
        CHECK(pipe(in) == 0 && pipe(out) == 0);
        const std::string program = programPath();
        const std::string seed = std::to_string(what.seed);
        process_ = fork();
        CHECK(process_ >= 0);
        if (process_ == 0) {
            dup2(in[0], STDIN_FILENO);
            dup2(out[1], STDOUT_FILENO);
            for (int end : {in[0], in[1], out[0], out[1]}) {
                close(end);
            }
            const char* arguments[] = {program.c_str(),      "attach",
                                       what.kind.c_str(),    what.library.c_str(),
                                       what.path.c_str(),    seed.c_str(),
                                       what.then.c_str(),    nullptr};
            if (!what.environment.empty()) {
                putenv(const_cast<char*>(what.environment.c_str()));
            }
            execv(program.c_str(), const_cast<char**>(arguments));
            _exit(127);
        }
        close(in[0]);
        close(out[1]);
        in_ = in[1];
        out_ = out[0];
    }

    // Returns when the child says that it is attached.
    void awaitAttached() {
        char text[9] = {};
        CHECK(read(out_, text, 8) == 8 && strcmp(text, "attached") == 0);
    }

    void kill() { CHECK(::kill(process_, SIGKILL) == 0); }

    int exitCode() {
        close(in_);
        int status = 0;
        CHECK(waitpid(process_, &status, 0) == process_);
        close(out_);
        return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    }

private:
    pid_t process_;
    int in_;
    int out_;
};
