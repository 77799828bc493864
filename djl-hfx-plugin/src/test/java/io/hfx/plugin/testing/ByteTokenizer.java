package io.hfx.plugin.testing;

import io.hfx.engine.text.Tokenizer;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/**
 * One token per UTF-8 byte; 256 is the end token, 257 the begin token, and ids from 300 are 32 KiB
 * of text each, those from 310 128 KiB, for tests of slow readers.
 */
public class ByteTokenizer implements Tokenizer {
    public static final int END = 256;
    public static final int BEGIN = 257;
    public static final int LARGE = 300;
    public static final int HUGE = 310;
    private static final byte[] LARGE_TEXT = "x".repeat(32_768).getBytes(StandardCharsets.UTF_8);
    private static final byte[] HUGE_TEXT = "x".repeat(131_072).getBytes(StandardCharsets.UTF_8);

    @Override
    public int[] encode(String text, boolean addSpecialTokens) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        int from = addSpecialTokens ? 1 : 0;
        int[] ids = new int[bytes.length + from];
        if (addSpecialTokens) {
            ids[0] = BEGIN;
        }
        for (int i = 0; i < bytes.length; i++) {
            ids[i + from] = bytes[i] & 0xff;
        }
        return ids;
    }

    @Override
    public String decode(int[] ids, boolean skipSpecialTokens) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (int id : ids) {
            if (!skipSpecialTokens || !isSpecial(id)) {
                bytes.writeBytes(bytes(id));
            }
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }

    @Override
    public byte[] bytes(int id) {
        if (id < 256) {
            return new byte[] {(byte) id};
        }
        if (id >= LARGE) {
            return id >= HUGE ? HUGE_TEXT : LARGE_TEXT;
        }
        String name = id == END ? "<end>" : id == BEGIN ? "<begin>" : "<" + id + ">";
        return name.getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public boolean isSpecial(int id) {
        return id >= 256 && id < LARGE;
    }

    @Override
    public boolean dropsFirstBlank() {
        return false;
    }

    @Override
    public int vocabulary() {
        return 320;
    }

    @Override
    public void close() {}
}
