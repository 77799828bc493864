/** Reading a Hugging Face checkpoint directory: config.json and safetensors files. */
@NullMarked
package io.hfx.engine.checkpoint;

import org.jspecify.annotations.NullMarked;
