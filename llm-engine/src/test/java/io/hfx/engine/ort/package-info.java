/** Tests of the ONNX Runtime executor's contract beyond its tokens. */
@NullMarked
package io.hfx.engine.ort;

import org.jspecify.annotations.NullMarked;
