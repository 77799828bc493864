// Tests of the native library by its C ABI, without a JVM, under the address sanitizer.
//   native_test CUDA_DOUBLE ASCEND_DOUBLE     all tests
//   native_test device cuda|ascend            on a real device, by the machine's own driver
//   native_test attach ...                    the second process (child.h)
#include "child.h"
#include "fixture.h"

int main(int count, char** argument) {
    if (count == 7 && strcmp(argument[1], "attach") == 0) {
        return attachAndLook(argument);
    }
    if (count == 3 && strcmp(argument[1], "device") == 0) {
        return testRealDevice(argument[2]);
    }
    CHECK(count == 3 && hfx_abi() == HFX_D2D_ABI);
    const Double cuda(argument[1]);
    const Double ascend(argument[2]);
    testDeadOffersSocketIsTakenOver();
    testFalseOffersAreRefused();
    testHostCopies();
    testRefusals();
    testRetainedMemoryOutlivesItsFirstHandle();
    testOffer("host", "");
    testAThousandOffersLeaveNothing();
    testAnOfferWithoutDescriptorsWaits();

    testStartMayFail("cuda", cuda, {"cuInit", "cuDeviceGetCount"});
    testDeviceCopies("cuda", cuda);
    testCancel("cuda", cuda);
    testOffer("cuda", cuda.file);
    CHECK(cuda.live() == 0);
    testImportMayFail("cuda", cuda, {"cuCtxPushCurrent_v2", "cuIpcOpenMemHandle_v2",
                                     "cuMemGetAddressRange_v2"},
                      "cuIpcCloseMemHandle", nullptr);
    testEveryCallMayFail(
        "cuda", cuda,
        {"cuDeviceGet", "cuDevicePrimaryCtxRetain", "cuDevicePrimaryCtxRelease_v2",
         "cuCtxPushCurrent_v2", "cuCtxPopCurrent_v2", "cuDeviceCanAccessPeer", "cuMemAlloc_v2",
         "cuMemFree_v2", "cuMemGetAddressRange_v2", "cuMemcpyHtoDAsync_v2", "cuMemcpyDtoHAsync_v2",
         "cuMemcpyDtoDAsync_v2", "cuMemcpyPeerAsync", "cuCtxEnablePeerAccess",
         "cuStreamCreate", "cuStreamSynchronize",
         "cuStreamDestroy_v2", "cuEventCreate", "cuEventRecord", "cuEventSynchronize",
         "cuEventDestroy_v2", "cuIpcGetMemHandle"},
        700);

    testStartMayFail("ascend", ascend, {"aclInit", "aclrtGetDeviceCount"});
    testOnceMayFail("ascend", ascend,
                    {"aclrtDeviceCanAccessPeer", "aclrtDeviceEnablePeerAccess"}, 507000);
    testDeviceCopies("ascend", ascend);
    testCancel("ascend", ascend);
    testOffer("ascend", ascend.file);
    CHECK(ascend.live() == 0);
    setenv("HFX_DOUBLE_OLD", "1", 1);  // exports keep a list of processes
    testOffer("ascend", ascend.file);
    CHECK(ascend.live() == 0);
    testImportMayFail("ascend", ascend, {"aclrtSetDevice", "aclrtDeviceGetBareTgid",
                                         "aclrtIpcMemImportByKey"},
                      "aclrtIpcMemClose", "aclrtIpcMemSetImportPid");
    unsetenv("HFX_DOUBLE_OLD");
    testEveryCallMayFail("ascend", ascend,
                         {"aclrtSetDevice", "aclrtMalloc", "aclrtFree", "aclrtMemcpyAsync",
                          "aclrtCreateStream", "aclrtSynchronizeStream", "aclrtDestroyStream",
                          "aclrtIpcMemGetExportKey", "aclrtIpcMemClose"},
                         507000);
    puts("native tests passed");
    return 0;
}
