// A vendor's shared library, loaded by name and never unloaded: drivers keep threads of their own.
#pragma once

#include <dlfcn.h>

#include <string>

#include "../failure.h"

namespace hfx {

class Library {
public:
    explicit Library(const std::string& file)
        : file_(file), library_(dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL)) {
        if (library_ == nullptr) {
            const char* why = dlerror();
            throw Failure(HFX_UNAVAILABLE, why == nullptr ? file : std::string(why));
        }
    }

    // Leaves the pointer null and returns false where the symbol is missing.
    template <typename Function>
    bool find(const char* symbol, Function*& into) const {
        into = reinterpret_cast<Function*>(dlsym(library_, symbol));
        return into != nullptr;
    }

    template <typename Function>
    void require(const char* symbol, Function*& into) const {
        if (!find(symbol, into)) {
            throw Failure(HFX_UNAVAILABLE, file_ + " has no " + symbol);
        }
    }

private:
    const std::string file_;
    void* const library_;
};

}  // namespace hfx
