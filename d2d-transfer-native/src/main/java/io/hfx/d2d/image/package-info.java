/**
 * Weight images: all tensors of a model in one blob, as inference reads them, with a manifest that
 * says what they are and a checksum for every chunk. A file of an image is a safetensors file.
 */
@NullMarked
package io.hfx.d2d.image;

import org.jspecify.annotations.NullMarked;
