/**
 * The demo: the same load under each policy, on a server in a process of its own, side by side. It
 * owns the processes it starts and leaves none behind.
 */
@NullMarked
package io.hfx.cli.demo;

import org.jspecify.annotations.NullMarked;
