/**
 * Links over UCX: RDMA where the machine has it, else what UCX finds. Needs jucx on the class path
 * and UCX's libraries on the machine; nothing outside this package names a class of it.
 */
@NullMarked
package io.hfx.d2d.transfer.ucx;

import org.jspecify.annotations.NullMarked;
