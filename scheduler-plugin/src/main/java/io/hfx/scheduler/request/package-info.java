/** What the core knows of a request: counts and objectives, never text or token ids. */
@NullMarked
package io.hfx.scheduler.request;

import org.jspecify.annotations.NullMarked;
