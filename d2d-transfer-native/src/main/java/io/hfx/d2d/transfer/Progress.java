package io.hfx.d2d.transfer;

/**
 * How far a clone is.
 *
 * @param goodChunks verified ones
 * @param chunks of the image; 0 as long as its manifest is not known
 * @param goodBytes of the verified chunks
 * @param blobBytes of the image
 * @param resentChunks how often a chunk came with a wrong checksum and was asked for again
 */
public record Progress(
        int goodChunks, int chunks, long goodBytes, long blobBytes, long resentChunks) {}
