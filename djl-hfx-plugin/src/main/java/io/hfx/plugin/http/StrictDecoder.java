package io.hfx.plugin.http;

import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpRequestDecoder;

/** Refuses a request with both a length and chunks, of which Netty would believe the chunks. */
final class StrictDecoder extends HttpRequestDecoder {
    static final int LINE_BYTES = 8_192;
    private static final int CHUNK_BYTES = 65_536;

    StrictDecoder(int headerBytes) {
        super(
                new HttpDecoderConfig()
                        .setMaxInitialLineLength(LINE_BYTES)
                        .setMaxHeaderSize(headerBytes)
                        .setMaxChunkSize(CHUNK_BYTES));
    }

    @Override
    protected void handleTransferEncodingChunkedWithContentLength(HttpMessage message) {
        throw new IllegalArgumentException("both content-length and transfer-encoding");
    }
}
