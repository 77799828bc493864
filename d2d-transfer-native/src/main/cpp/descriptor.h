// An open file or socket with one owner.
#pragma once

#include <unistd.h>

#include <utility>

#include "counts.h"

namespace hfx {

class Descriptor {
public:
    Descriptor() = default;
    explicit Descriptor(int number) : number_(number) {
        if (number_ >= 0) {
            counts.descriptors++;
        }
    }
    Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
    Descriptor& operator=(Descriptor&& other) noexcept {
        std::swap(number_, other.number_);
        return *this;
    }
    ~Descriptor() {
        if (number_ >= 0) {
            close(number_);
            counts.descriptors--;
        }
    }

    int number() const { return number_; }
    bool open() const { return number_ >= 0; }

private:
    int number_ = -1;
};

}  // namespace hfx
