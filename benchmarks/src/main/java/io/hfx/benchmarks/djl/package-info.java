/**
 * The measuring instrument for DJL Serving: the same load on a stock server and on one with the
 * plugin folder, both up at once, run after run in turn; a JSON file for each part.
 */
@NullMarked
package io.hfx.benchmarks.djl;

import org.jspecify.annotations.NullMarked;
