// Compiles only where our declarations have the ABI of the vendor's cuda.h. Compared are the sizes
// and kinds of all arguments, since the names of the types differ; nothing is run.
#include <cuda.h>

#include <type_traits>

#include "../../main/cpp/foreign/cuda_api.h"

namespace {

template <typename A, typename B>
constexpr bool same = sizeof(A) == sizeof(B)
                      && ((std::is_pointer_v<A> && std::is_pointer_v<B>)
                          || (std::is_class_v<A> && std::is_class_v<B> && alignof(A) == alignof(B))
                          || ((std::is_integral_v<A> || std::is_enum_v<A>)
                              && (std::is_integral_v<B> || std::is_enum_v<B>)));

template <typename A, typename B>
struct Signatures : std::false_type {};

template <typename RA, typename... A, typename RB, typename... B>
struct Signatures<RA (*)(A...), RB (*)(B...)> {
    static constexpr bool compare() {
        if constexpr (sizeof...(A) == sizeof...(B)) {
            return same<RA, RB> && (same<A, B> && ...);
        } else {
            return false;
        }
    }
    static constexpr bool value = compare();
};

#define HFX_SAME(name, ...) \
    static_assert(Signatures<decltype(&::name), decltype(hfx::cuda::Api::name)>::value, #name);
HFX_CUDA_SYMBOLS(HFX_SAME)

using namespace hfx::cuda;
static_assert(kSuccess == CUDA_SUCCESS && kOutOfMemory == CUDA_ERROR_OUT_OF_MEMORY);
static_assert(kNoDevice == CUDA_ERROR_NO_DEVICE && kNotSupported == CUDA_ERROR_NOT_SUPPORTED);
static_assert(kInvalidValue == CUDA_ERROR_INVALID_VALUE && kNotFound == CUDA_ERROR_NOT_FOUND);
static_assert(kPeerAlreadyEnabled == CUDA_ERROR_PEER_ACCESS_ALREADY_ENABLED);
static_assert(kStreamNonBlocking == CU_STREAM_NON_BLOCKING);
static_assert(kEventBlockingSync == CU_EVENT_BLOCKING_SYNC);
static_assert(kEventDisableTiming == CU_EVENT_DISABLE_TIMING);
static_assert(kIpcLazyEnablePeerAccess == CU_IPC_MEM_LAZY_ENABLE_PEER_ACCESS);

}  // namespace
