package io.hfx.plugin.auth;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One key as the server knows it: its hash, never the key.
 *
 * @param role what it opens
 * @param name for people and logs
 * @param sha256 of the key's UTF-8 bytes, 32 bytes
 * @param sloClasses names of the classes that it may use; null for all
 */
public record AccessKey(Role role, String name, byte[] sha256, @Nullable Set<String> sloClasses) {
    private static final int SECRET_BYTES = 32;
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]{1,64}");

    public AccessKey {
        if (!isName(name)) {
            throw new IllegalArgumentException("not the name of a key: " + name);
        }
        sha256 = sha256.clone();
        sloClasses = sloClasses == null ? null : Set.copyOf(sloClasses);
    }

    /** Whether the text can name a key: 1 to 64 letters, digits, dots, dashes, underscores. */
    public static boolean isName(String text) {
        return NAME.matcher(text).matches();
    }

    /** A new key of 256 random bits, as a client sends it. */
    public static String newSecret() {
        byte[] bytes = new byte[SECRET_BYTES];
        new SecureRandom().nextBytes(bytes);
        return "hfx-" + Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    /** The hash by which a key is known. */
    public static byte[] hash(String secret) {
        try {
            return MessageDigest.getInstance("SHA-256")
                    .digest(secret.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /** Its line in a keys file. */
    public String line() {
        String classes =
                sloClasses == null ? "" : " classes=" + String.join(",", new TreeSet<>(sloClasses));
        return role.text() + " " + name + " sha256:" + HexFormat.of().formatHex(sha256) + classes;
    }

    /** The name, without the hash. */
    @Override
    public String toString() {
        return role.text() + " " + name;
    }
}
