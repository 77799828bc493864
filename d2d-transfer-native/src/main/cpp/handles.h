// The table behind the ABI's handles: an object lives while it has a handle or a user.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <utility>
#include <variant>

#include "copy.h"
#include "device.h"
#include "offer.h"

namespace hfx {

class Handles {
public:
    using Object = std::variant<std::shared_ptr<Device>, std::shared_ptr<Memory>,
                                std::shared_ptr<Copy>, std::shared_ptr<Offer>>;

    static hfx_handle add(Object object) {
        Table& table = Handles::table();
        std::lock_guard<std::mutex> lock(table.mutex);
        const hfx_handle handle = ++table.last;
        table.objects.emplace(handle, std::move(object));
        return handle;
    }

    template <typename T>
    static std::shared_ptr<T> get(hfx_handle handle) {
        Table& table = Handles::table();
        std::lock_guard<std::mutex> lock(table.mutex);
        const auto found = table.objects.find(handle);
        if (found == table.objects.end()) {
            throw stale(handle);
        }
        if (const auto* object = std::get_if<std::shared_ptr<T>>(&found->second)) {
            return *object;
        }
        throw Failure(HFX_INVALID, "handle " + std::to_string(handle) + " names another kind");
    }

    // Takes the object out of the table; it ends, if nobody else uses it, where the caller drops it.
    static Object remove(hfx_handle handle) {
        Table& table = Handles::table();
        std::lock_guard<std::mutex> lock(table.mutex);
        const auto found = table.objects.find(handle);
        if (found == table.objects.end()) {
            throw stale(handle);
        }
        Object object = std::move(found->second);
        table.objects.erase(found);
        return object;
    }

    static int64_t size() {
        Table& table = Handles::table();
        std::lock_guard<std::mutex> lock(table.mutex);
        return static_cast<int64_t>(table.objects.size());
    }

private:
    struct Table {
        std::mutex mutex;
        hfx_handle last = 0;
        std::unordered_map<hfx_handle, Object> objects;
    };

    // Never destroyed: threads of copies and offers may outlive main.
    static Table& table() {
        static Table& table = *new Table();
        return table;
    }

    static Failure stale(hfx_handle handle) {
        return Failure(HFX_STALE, "handle " + std::to_string(handle) + " was released");
    }
};

}  // namespace hfx
