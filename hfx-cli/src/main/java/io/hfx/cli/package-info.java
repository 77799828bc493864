/**
 * The command line: the main class, and one class per command that reads its options, calls the
 * package that does the work, and prints. Errors of the user are one line on stderr.
 */
@NullMarked
package io.hfx.cli;

import org.jspecify.annotations.NullMarked;
