/**
 * Starts a server and others that take its weights, each a process, and shows what a start takes.
 */
@NullMarked
package io.hfx.cli.clone;

import org.jspecify.annotations.NullMarked;
