/** Processes that commands start: servers of this program, ended with their command. */
@NullMarked
package io.hfx.cli.process;

import org.jspecify.annotations.NullMarked;
