/**
 * Memory of the host, of NVIDIA GPUs and of Ascend NPUs, copies between them, and memory that
 * processes of one host share.
 *
 * <p>{@link io.hfx.d2d.device.Device} is the way in. Behind it is the native library ({@code
 * src/main/cpp}, one C ABI) or, for the host and without the library, plain Java.
 */
@NullMarked
package io.hfx.d2d.device;

import org.jspecify.annotations.NullMarked;
