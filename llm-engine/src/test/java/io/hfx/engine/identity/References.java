package io.hfx.engine.identity;

import io.hfx.engine.sample.SampleForm;
import io.hfx.engine.sample.SampleModel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/** The checkpoints that the committed references were made from. */
public final class References {
    /** Name in the reference of the tiny sample model. */
    static final String TINY = "sample-tiny";

    static final long SEED = 1;

    private References() {}

    /** Writes them below a folder, for {@code src/test/python/reference_tokens.py}. */
    public static void main(String[] args) throws IOException {
        Path folder = Path.of(args[0]);
        SampleModel.create(SampleModel.Size.TINY, folder.resolve(TINY), SEED);
        for (SampleForm form : SampleForm.values()) {
            create(form, folder.resolve(form.title()));
        }
    }

    /** Writes the checkpoint of one form. */
    public static void create(SampleForm form, Path folder) throws IOException {
        SampleModel.create(form, SampleModel.Size.MICRO, folder, SEED);
    }

    /** SHA-256 over the bytes of config.json and then of the weights, as hexadecimal digits. */
    static String sha256(Path checkpoint) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (String file : List.of("config.json", "model.safetensors")) {
                digest.update(Files.readAllBytes(checkpoint.resolve(file)));
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
