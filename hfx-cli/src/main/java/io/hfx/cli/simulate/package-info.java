/** {@code hfx simulate}: policies on scenarios in virtual time. */
@NullMarked
package io.hfx.cli.simulate;

import org.jspecify.annotations.NullMarked;
