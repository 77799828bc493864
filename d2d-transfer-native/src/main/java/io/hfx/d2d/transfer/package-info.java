/**
 * Weight images over links, of TCP or another {@link io.hfx.d2d.transfer.LinkTransport}: a seed
 * serves an image, a joiner pulls its chunks over several links and can serve them on while it
 * still receives. Both ends prove the shared worker key before anything else is said. docs/d2d.md
 * describes the protocol.
 */
@NullMarked
package io.hfx.d2d.transfer;

import org.jspecify.annotations.NullMarked;
