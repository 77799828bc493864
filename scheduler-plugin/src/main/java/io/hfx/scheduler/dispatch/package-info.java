/** The dispatcher: admission, the central queue, late binding to workers. */
@NullMarked
package io.hfx.scheduler.dispatch;

import org.jspecify.annotations.NullMarked;
