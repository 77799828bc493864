// The Java side's way to the C ABI: io.hfx.d2d.device.Native. Nothing here keeps a reference to a
// Java object, and no call holds up the garbage collector: long copies run on threads of the library.
#include <jni.h>

#include <string>

#include "hfx_d2d.h"

namespace {

// Turns an error into io.hfx.d2d.device.DeviceException; true where there was none.
bool good(JNIEnv* env, int32_t code, const hfx_error& error) {
    if (code == HFX_OK) {
        return true;
    }
    jclass type = env->FindClass("io/hfx/d2d/device/DeviceException");
    jmethodID make =
        type == nullptr ? nullptr : env->GetMethodID(type, "<init>", "(IILjava/lang/String;)V");
    jstring text = make == nullptr ? nullptr : env->NewStringUTF(error.text);
    if (text != nullptr) {
        auto thrown = static_cast<jthrowable>(
            env->NewObject(type, make, error.code, error.native_code, text));
        if (thrown != nullptr) {
            env->Throw(thrown);
        }
    }
    return false;
}

// A Java string for the length of a call; null stays null.
class Text {
public:
    Text(JNIEnv* env, jstring string)
        : env_(env),
          string_(string),
          text_(string == nullptr ? nullptr : env->GetStringUTFChars(string, nullptr)) {}
    ~Text() {
        if (text_ != nullptr) {
            env_->ReleaseStringUTFChars(string_, text_);
        }
    }
    Text(const Text&) = delete;
    Text& operator=(const Text&) = delete;

    const char* get() const { return text_; }

private:
    JNIEnv* const env_;
    const jstring string_;
    const char* const text_;
};

// Calls a function of the ABI that makes a handle.
template <typename Make>
jlong made(JNIEnv* env, Make&& make) {
    hfx_error error{};
    hfx_handle handle = 0;
    return good(env, make(&handle, &error), error) ? static_cast<jlong>(handle) : 0;
}

}  // namespace

#define HFX_JNI(type, name) extern "C" JNIEXPORT type JNICALL Java_io_hfx_d2d_device_Native_##name

HFX_JNI(jint, abi)(JNIEnv*, jclass) { return hfx_abi(); }

HFX_JNI(jlong, open)(JNIEnv* env, jclass, jstring kind, jstring library, jint ordinal) {
    const Text kindText(env, kind);
    const Text libraryText(env, library);
    return made(env, [&](hfx_handle* handle, hfx_error* error) {
        return hfx_device_open(kindText.get(), libraryText.get(), ordinal, handle, error);
    });
}

HFX_JNI(jint, count)(JNIEnv* env, jclass, jstring kind, jstring library) {
    const Text kindText(env, kind);
    const Text libraryText(env, library);
    hfx_error error{};
    int32_t count = 0;
    good(env, hfx_device_count(kindText.get(), libraryText.get(), &count, &error), error);
    return count;
}

HFX_JNI(jlong, allocate)(JNIEnv* env, jclass, jlong device, jlong bytes, jboolean shareable) {
    return made(env, [&](hfx_handle* handle, hfx_error* error) {
        return hfx_memory_allocate(device, bytes, shareable ? HFX_SHAREABLE : 0, handle, error);
    });
}

HFX_JNI(jlong, retain)(JNIEnv* env, jclass, jlong memory) {
    return made(env, [&](hfx_handle* handle, hfx_error* error) {
        return hfx_memory_retain(memory, handle, error);
    });
}

// A direct buffer over host memory; the Java side holds a handle for as long as it is reachable.
HFX_JNI(jobject, view)(JNIEnv* env, jclass, jlong memory, jlong offset, jint bytes) {
    hfx_error error{};
    hfx_memory_info info{};
    if (!good(env, hfx_memory_info_of(memory, &info, &error), error)) {
        return nullptr;
    }
    const bool inside = offset >= 0 && bytes >= 0 && static_cast<uint64_t>(offset) <= info.bytes
                        && static_cast<uint64_t>(bytes) <= info.bytes - offset;
    if (!info.on_host || !inside) {
        error = {HFX_INVALID, 0, "no such range of host memory"};
        good(env, HFX_INVALID, error);
        return nullptr;
    }
    return env->NewDirectByteBuffer(reinterpret_cast<void*>(info.address + offset), bytes);
}

HFX_JNI(jlong, bytes)(JNIEnv* env, jclass, jlong memory) {
    hfx_error error{};
    hfx_memory_info info{};
    good(env, hfx_memory_info_of(memory, &info, &error), error);
    return static_cast<jlong>(info.bytes);
}

HFX_JNI(jboolean, readOnly)(JNIEnv* env, jclass, jlong memory) {
    hfx_error error{};
    hfx_memory_info info{};
    good(env, hfx_memory_info_of(memory, &info, &error), error);
    return info.read_only != 0;
}

HFX_JNI(void, seal)(JNIEnv* env, jclass, jlong memory) {
    hfx_error error{};
    good(env, hfx_memory_seal(memory, &error), error);
}

HFX_JNI(jbyteArray, label)(JNIEnv* env, jclass, jlong memory) {
    hfx_error error{};
    jbyte label[HFX_LABEL_BYTES];
    uint32_t bytes = 0;
    if (!good(env, hfx_memory_label(memory, label, &bytes, &error), error)) {
        return nullptr;
    }
    jbyteArray array = env->NewByteArray(static_cast<jsize>(bytes));
    if (array != nullptr) {
        env->SetByteArrayRegion(array, 0, static_cast<jsize>(bytes), label);
    }
    return array;
}

HFX_JNI(jlong, copy)(JNIEnv* env, jclass, jlong to, jlong toOffset, jlong from, jlong fromOffset,
                     jlong bytes, jlong chunkBytes, jint lanes) {
    return made(env, [&](hfx_handle* handle, hfx_error* error) {
        return hfx_copy_start(to, toOffset, from, fromOffset, bytes, chunkBytes, lanes, handle,
                              error);
    });
}

HFX_JNI(jlong, doneBytes)(JNIEnv* env, jclass, jlong copy) {
    hfx_error error{};
    uint64_t done = 0;
    good(env, hfx_copy_progress(copy, &done, &error), error);
    return static_cast<jlong>(done);
}

HFX_JNI(void, cancel)(JNIEnv* env, jclass, jlong copy) {
    hfx_error error{};
    good(env, hfx_copy_cancel(copy, &error), error);
}

HFX_JNI(jboolean, await)(JNIEnv* env, jclass, jlong copy, jlong timeoutMillis) {
    hfx_error error{};
    const int32_t code = hfx_copy_wait(copy, timeoutMillis, &error);
    return code != HFX_TIMEOUT && good(env, code, error);
}

HFX_JNI(jlong, offer)(JNIEnv* env, jclass, jlong memory, jstring path, jbyteArray label) {
    const Text pathText(env, path);
    std::string bytes(static_cast<size_t>(env->GetArrayLength(label)), '\0');
    env->GetByteArrayRegion(label, 0, static_cast<jsize>(bytes.size()),
                            reinterpret_cast<jbyte*>(bytes.data()));
    return made(env, [&](hfx_handle* handle, hfx_error* error) {
        return hfx_offer_start(memory, pathText.get(), bytes.data(),
                               static_cast<uint32_t>(bytes.size()), handle, error);
    });
}

HFX_JNI(jint, leases)(JNIEnv* env, jclass, jlong offer) {
    hfx_error error{};
    int32_t leases = 0;
    good(env, hfx_offer_leases(offer, &leases, &error), error);
    return leases;
}

HFX_JNI(jlong, attach)(JNIEnv* env, jclass, jlong device, jstring path, jlong timeoutMillis) {
    const Text pathText(env, path);
    return made(env, [&](hfx_handle* handle, hfx_error* error) {
        return hfx_attach(device, pathText.get(), timeoutMillis, handle, error);
    });
}

HFX_JNI(void, release)(JNIEnv* env, jclass, jlong handle) {
    hfx_error error{};
    good(env, hfx_release(handle, &error), error);
}

HFX_JNI(jlongArray, counts)(JNIEnv* env, jclass) {
    hfx_counts now{};
    hfx_count(&now);
    static_assert(sizeof now == 9 * sizeof(jlong));
    jlongArray array = env->NewLongArray(9);
    if (array != nullptr) {
        env->SetLongArrayRegion(array, 0, 9, reinterpret_cast<const jlong*>(&now));
    }
    return array;
}
