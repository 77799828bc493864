/*
 * The C ABI of the device-to-device library: memory of the host, of NVIDIA GPUs and of Ascend NPUs,
 * copies between them, and memory shared between processes of one host.
 *
 * Every function returns an hfx_code, and writes the reason into *error (which may be NULL) when the
 * code is not HFX_OK; no other output is touched then. Objects are named by handles: numbers that are
 * never used twice, so a handle that was released is refused (HFX_STALE) and never dereferenced. All
 * functions may be called by any thread at any time. Sizes, offsets and addresses are in bytes.
 */
#ifndef HFX_D2D_H
#define HFX_D2D_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define HFX_D2D_ABI 1
#define HFX_API __attribute__((visibility("default")))

/** A released or unknown handle is refused; 0 is never given out. */
typedef uint64_t hfx_handle;

typedef enum hfx_code {
    HFX_OK = 0,
    HFX_INVALID = 1,     /* an argument is out of its range; the text names it */
    HFX_STALE = 2,       /* the handle was released */
    HFX_UNAVAILABLE = 3, /* no such driver or device on this machine */
    HFX_NO_MEMORY = 4,
    HFX_UNSUPPORTED = 5, /* this driver or kernel cannot do it */
    HFX_CANCELLED = 6,
    HFX_TIMEOUT = 7, /* not yet: the call may be repeated */
    HFX_DRIVER = 8,  /* native_code is the driver's */
    HFX_IO = 9       /* native_code is errno */
} hfx_code;

typedef struct hfx_error {
    int32_t code;
    int32_t native_code; /* of the driver, or errno; 0 where there is none */
    char text[512];      /* printable ASCII, ends with NUL */
} hfx_error;

typedef struct hfx_memory_info {
    uint64_t address; /* of the host, or of the device */
    uint64_t bytes;
    int32_t on_host;
    int32_t read_only;
} hfx_memory_info;

/** What the process holds now. All are 0 when everything was released and every copy has ended. */
typedef struct hfx_counts {
    int64_t handles;
    int64_t memories; /* own, attached and same-process attached */
    int64_t memory_bytes;
    int64_t copies;
    int64_t offers;
    int64_t leases;          /* attached peers, seen from the offering side */
    int64_t descriptors;     /* open files and sockets of this library */
    int64_t streams;         /* streams of drivers */
    int64_t failed_releases; /* the driver refused to free; never goes down */
} hfx_counts;

/** Memory that can be offered to other processes of this host. Needed for host memory only. */
#define HFX_SHAREABLE 1u
/** An offer's label is at most this long. */
#define HFX_LABEL_BYTES 256

/** HFX_D2D_ABI of the library. */
HFX_API int32_t hfx_abi(void);

/**
 * Opens device `ordinal` of a backend: "host" (ordinal 0), "cuda" or "ascend". `library` is the file
 * to load the driver from, NULL for the usual name (libcuda.so.1, libascendcl.so).
 */
HFX_API int32_t hfx_device_open(const char* kind, const char* library, int32_t ordinal,
                                hfx_handle* device, hfx_error* error);

/** How many devices the backend has. */
HFX_API int32_t hfx_device_count(const char* kind, const char* library, int32_t* count,
                                 hfx_error* error);

/**
 * Allocates. Host memory starts at a multiple of 2 MiB, is advised to huge pages and is faulted in
 * before the call returns, so that copies into it run at the speed of memory.
 */
HFX_API int32_t hfx_memory_allocate(hfx_handle device, uint64_t bytes, uint32_t flags,
                                    hfx_handle* memory, hfx_error* error);

/** A second handle of the same memory, which lives until all of its handles are released. */
HFX_API int32_t hfx_memory_retain(hfx_handle memory, hfx_handle* again, hfx_error* error);

HFX_API int32_t hfx_memory_info_of(hfx_handle memory, hfx_memory_info* info, hfx_error* error);

/**
 * From now on this library copies nothing into the memory, and peers can attach to it read-only.
 * A second call does nothing. Host memory must have been allocated HFX_SHAREABLE.
 */
HFX_API int32_t hfx_memory_seal(hfx_handle memory, hfx_error* error);

/**
 * Starts a copy on `lanes` (1 to 16) threads, each with an own stream where the device has them,
 * in chunks of `chunk_bytes` (at least 4096). The copy keeps both memories alive until it ends.
 */
HFX_API int32_t hfx_copy_start(hfx_handle to, uint64_t to_offset, hfx_handle from,
                               uint64_t from_offset, uint64_t bytes, uint64_t chunk_bytes,
                               int32_t lanes, hfx_handle* copy, hfx_error* error);

/** How many bytes have arrived; never goes down. */
HFX_API int32_t hfx_copy_progress(hfx_handle copy, uint64_t* done_bytes, hfx_error* error);

/** Asks the copy to stop after the chunks under way. Harmless after its end. */
HFX_API int32_t hfx_copy_cancel(hfx_handle copy, hfx_error* error);

/**
 * Waits for the end: HFX_OK when all bytes have arrived, HFX_TIMEOUT while it runs on, HFX_CANCELLED,
 * or why the copy failed. After an end that is not HFX_OK the destination's bytes are undefined.
 */
HFX_API int32_t hfx_copy_wait(hfx_handle copy, uint64_t timeout_millis, hfx_error* error);

/**
 * Offers sealed memory at a Unix socket `path` (mode 0600; processes of the same user only) until
 * the offer is released. What peers attached to stays alive until the last of them lets go.
 */
HFX_API int32_t hfx_offer_start(hfx_handle memory, const char* path, const void* label,
                                uint32_t label_bytes, hfx_handle* offer, hfx_error* error);

/** How many peers are attached through this offer now. */
HFX_API int32_t hfx_offer_leases(hfx_handle offer, int32_t* leases, hfx_error* error);

/**
 * Attaches, read-only and without a copy, to the memory that another process offers at `path`. The
 * device must be of the same kind; attached host memory cannot shrink or be grown by its owner.
 */
HFX_API int32_t hfx_attach(hfx_handle device, const char* path, uint64_t timeout_millis,
                           hfx_handle* memory, hfx_error* error);

/** The label that attached memory was offered with; none (0 bytes) for own memory. */
HFX_API int32_t hfx_memory_label(hfx_handle memory, void* label, uint32_t* label_bytes,
                                 hfx_error* error);

/** Gives up a handle of any kind. A copy that still runs is cancelled and waited for. */
HFX_API int32_t hfx_release(hfx_handle handle, hfx_error* error);

HFX_API int32_t hfx_count(hfx_counts* counts);

#ifdef __cplusplus
}
#endif
#endif
