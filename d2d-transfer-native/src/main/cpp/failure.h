// The one exception of the library: the C ABI turns it into a code and a text.
#pragma once

#include <exception>
#include <string>
#include <utility>

#include "hfx_d2d.h"

namespace hfx {

class Failure : public std::exception {
public:
    Failure(hfx_code code, std::string text, int native = 0)
        : code(code), native(native), text(std::move(text)) {}

    const char* what() const noexcept override { return text.c_str(); }

    const hfx_code code;
    const int native;
    const std::string text;
};

// A failure of a system call: `what` was tried, `error` is errno.
Failure ioFailure(const std::string& what, int error);

}  // namespace hfx
