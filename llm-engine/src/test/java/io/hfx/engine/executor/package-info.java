/** The contract that every executor keeps, as one test class. */
@NullMarked
package io.hfx.engine.executor;

import org.jspecify.annotations.NullMarked;
