/**
 * Who may come in: keys from a file, what each opens, TLS from files. All files are read anew when
 * they change.
 */
@NullMarked
package io.hfx.plugin.auth;

import org.jspecify.annotations.NullMarked;
