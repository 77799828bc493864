package io.hfx.plugin.auth;

import io.hfx.plugin.config.ConfigException;
import io.hfx.plugin.config.SloClasses;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The keys of a server. A file has one a line, words apart by blanks; {@code #} begins a comment:
 *
 * <pre>
 * # role     name  hash of the key         SLO classes (left out: all)
 * inference  web   sha256:(64 hex digits)  classes=chat,code
 * admin      ops   sha256:(64 hex digits)
 * </pre>
 */
public final class AccessKeys {
    private static final int MOST_KEYS = 1_000;
    private static final Pattern HASH = Pattern.compile("sha256:([0-9a-fA-F]{64})");
    private static final Pattern CLASSES =
            Pattern.compile("classes=([A-Za-z0-9._-]{1,64}(?:,[A-Za-z0-9._-]{1,64}){0,63})");

    private final List<AccessKey> keys;

    private AccessKeys(List<AccessKey> keys) {
        this.keys = List.copyOf(keys);
    }

    /**
     * Reads a file that only its owner may read.
     *
     * @throws ConfigException if it cannot be read, others can read it, or a line is wrong
     */
    public static AccessKeys read(Path file) {
        return parse(PrivateFile.text(file), file.toString());
    }

    /**
     * Parses the text of a file. No message quotes a hash, nor what may be a key.
     *
     * @param source named in messages
     * @throws ConfigException as {@link #read}
     */
    public static AccessKeys parse(String text, String source) {
        List<AccessKey> keys = new ArrayList<>();
        Set<String> names = new HashSet<>();
        int number = 0;
        for (String line : text.lines().toList()) {
            number++;
            String stated = line.split("#", 2)[0].strip();
            if (stated.isEmpty()) {
                continue;
            }
            String where = source + ": line " + number;
            AccessKey key = key(stated.split("\\s+"), where);
            if (!names.add(key.name())) {
                throw new ConfigException(where + ": the name " + key.name() + " stands twice");
            }
            keys.add(key);
        }
        if (keys.isEmpty() || keys.size() > MOST_KEYS) {
            throw new ConfigException(
                    source + ": must have 1 to " + MOST_KEYS + " keys, has " + keys.size());
        }
        return new AccessKeys(keys);
    }

    private static AccessKey key(String[] words, String where) {
        if (words.length < 3 || words.length > 4) {
            throw new ConfigException(
                    where + ": must be: role name sha256:HASH, perhaps classes=A,B");
        }
        Role role =
                Role.of(words[0])
                        .orElseThrow(
                                () ->
                                        new ConfigException(
                                                where + ": the role must be " + Role.known()));
        if (!AccessKey.isName(words[1])) {
            throw new ConfigException(
                    where + ": the name must be 1 to 64 letters, digits or . _ -");
        }
        var hash = HASH.matcher(words[2]);
        if (!hash.matches()) {
            throw new ConfigException(where + ": the hash must be sha256: and 64 hex digits");
        }
        byte[] sha256 = HexFormat.of().parseHex(hash.group(1));
        return new AccessKey(role, words[1], sha256, classes(role, words, where));
    }

    private static @Nullable Set<String> classes(Role role, String[] words, String where) {
        if (words.length == 3) {
            return null;
        }
        var classes = CLASSES.matcher(words[3]);
        if (role != Role.INFERENCE || !classes.matches()) {
            throw new ConfigException(
                    where + ": the last word must be classes=A,B, and only of an inference key");
        }
        return new LinkedHashSet<>(Arrays.asList(classes.group(1).split(",")));
    }

    /**
     * The key of a client. Compares with every hash in the same time, whether one fits or not.
     *
     * @param secret as the client sent it
     */
    public Optional<AccessKey> find(String secret) {
        byte[] hash = AccessKey.hash(secret);
        AccessKey found = null;
        for (AccessKey key : keys) {
            if (MessageDigest.isEqual(key.sha256(), hash)) {
                found = key;
            }
        }
        return Optional.ofNullable(found);
    }

    /**
     * Checks that the classes which keys name are there.
     *
     * @param source named in the message
     * @throws ConfigException that names the key and the class
     */
    AccessKeys checked(SloClasses known, String source) {
        for (AccessKey key : keys) {
            Set<String> classes = key.sloClasses() == null ? Set.of() : key.sloClasses();
            for (String name : classes) {
                if (known.find(name).isEmpty()) {
                    throw new ConfigException(
                            source + ": key " + key.name() + ": no SLO class " + name);
                }
            }
        }
        return this;
    }

    /** All keys, in the file's order. */
    public List<AccessKey> all() {
        return keys;
    }
}
