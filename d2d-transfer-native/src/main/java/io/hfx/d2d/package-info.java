/**
 * Device memory and copies through JNI, and weight images that a new worker clones from a running
 * peer: host memory, NVIDIA GPUs and Ascend NPUs behind one C ABI.
 */
@NullMarked
package io.hfx.d2d;

import org.jspecify.annotations.NullMarked;
