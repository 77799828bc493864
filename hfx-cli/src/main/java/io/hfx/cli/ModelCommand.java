package io.hfx.cli;

import io.hfx.engine.checkpoint.Checkpoint;
import io.hfx.engine.checkpoint.ModelConfig;
import io.hfx.engine.checkpoint.TensorSpec;
import io.hfx.engine.sample.SampleForm;
import io.hfx.engine.sample.SampleModel;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** {@code hfx model}: writes sample checkpoints and shows what a checkpoint holds. */
@Command(
        name = "model",
        description = "Create a sample model, or show a checkpoint.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND")
final class ModelCommand implements Runnable {
    @Spec private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "missing command: create or show");
    }

    @Command(
            name = "create",
            description = {
                "Write a sample model: a checkpoint with seeded weights.",
                "The same form, size and seed give the same bytes on every machine. The model speaks"
                        + " nonsense; it is there to be served, measured and compared."
            },
            mixinStandardHelpOptions = true)
    int create(
            @Option(
                            names = "--arch",
                            defaultValue = "llama",
                            paramLabel = "FORM",
                            converter = FormConverter.class,
                            completionCandidates = FormNames.class,
                            description = {
                                "Family and form (default ${DEFAULT-VALUE}); windows and original"
                                        + " contexts are short, so that prompts exceed them:",
                                "${COMPLETION-CANDIDATES}."
                            })
                    SampleForm form,
            @Option(
                            names = "--size",
                            required = true,
                            description =
                                    "${COMPLETION-CANDIDATES}: about 0.25, 3, 33 or 110 million"
                                            + " parameters.")
                    SampleModel.Size size,
            @Option(
                            names = "--out",
                            required = true,
                            paramLabel = "DIR",
                            description = "Directory to write to; made if needed.")
                    Path out,
            @Option(
                            names = "--seed",
                            defaultValue = "0",
                            description = "Seed of the weights (default ${DEFAULT-VALUE}).")
                    long seed,
            @Option(names = "--force", description = "Replace the files of a model in DIR.")
                    boolean force)
            throws IOException {
        if (force) {
            for (String file : SampleModel.FILES) {
                Files.deleteIfExists(out.resolve(file));
            }
        }
        try {
            SampleModel.create(form, size, out, seed);
        } catch (FileAlreadyExistsException e) {
            throw new UserError(e.getMessage() + " exists; give another --out, or --force");
        }
        PrintWriter console = spec.commandLine().getOut();
        console.printf(
                Locale.ROOT,
                "%s: %s %s model, %s parameters, seed %d%n",
                out,
                size.name().toLowerCase(Locale.ROOT),
                form.title(),
                millions(form.config(size).parameters()),
                seed);
        console.flush();
        return 0;
    }

    @Command(
            name = "show",
            description = "Check a checkpoint and print its shape and tensors.",
            mixinStandardHelpOptions = true)
    int show(@Parameters(paramLabel = "DIR", description = "Checkpoint directory.") Path dir) {
        try (Checkpoint checkpoint = Checkpoint.open(dir)) {
            PrintWriter console = spec.commandLine().getOut();
            printConfig(console, checkpoint.config());
            printTensors(console, checkpoint);
            console.flush();
        }
        return 0;
    }

    private static void printConfig(PrintWriter console, ModelConfig config) {
        Object[][] rows = {
            {"family", config.family().title()},
            {"parameters", millions(config.parameters())},
            {"layers", config.layers()},
            {"hidden", config.hidden()},
            {"heads", config.heads() + " query, " + config.kvHeads() + " key/value"},
            {"head width", config.headDim()},
            {"MLP width", config.intermediate()},
            {"vocabulary", config.vocabulary()},
            {"positions", config.maxPositions()},
            {"RoPE", config.rope()},
            {"windows", windows(config)},
            {"norm epsilon", config.rmsNormEps()},
            {"head shared", config.tiedEmbeddings() ? "with the embedding" : "no"},
            {"begin token", config.bosTokenId() < 0 ? "none" : config.bosTokenId()},
            {"end tokens", config.eosTokenIds()},
        };
        for (Object[] row : rows) {
            console.printf(Locale.ROOT, "%-13s %s%n", row[0], row[1]);
        }
        console.println();
    }

    private static String windows(ModelConfig config) {
        List<Integer> windows = config.windowTokens();
        if (windows.stream().allMatch(window -> window == ModelConfig.WHOLE)) {
            return "none";
        }
        if (windows.stream().distinct().count() == 1) {
            return windows.get(0) + " tokens";
        }
        return windows.stream()
                .map(window -> window == ModelConfig.WHOLE ? "none" : window.toString())
                .collect(Collectors.joining(", ", "by layer: ", " tokens"));
    }

    private static void printTensors(PrintWriter console, Checkpoint checkpoint) {
        List<TensorSpec> tensors = checkpoint.tensors();
        long storedBytes = 0;
        for (TensorSpec tensor : tensors) {
            long bytes = tensor.elements() * checkpoint.dtype(tensor.name()).bytes();
            storedBytes += bytes;
            console.printf(
                    Locale.ROOT,
                    "%-50s %-5s %-15s %,14d bytes%n",
                    tensor.name(),
                    checkpoint.dtype(tensor.name()),
                    tensor.shape(),
                    bytes);
        }
        console.printf(
                Locale.ROOT,
                "%d tensors, %,d bytes stored, %,d bytes in memory as F32%n",
                tensors.size(),
                storedBytes,
                checkpoint.config().parameters() * Float.BYTES);
    }

    /** The forms by the names that the command line and the docs use. */
    static final class FormNames implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return Arrays.stream(SampleForm.values()).map(SampleForm::title).iterator();
        }
    }

    static final class FormConverter implements ITypeConverter<SampleForm> {
        @Override
        public SampleForm convert(String value) {
            return Arrays.stream(SampleForm.values())
                    .filter(form -> form.title().equals(value))
                    .findFirst()
                    .orElseThrow(
                            () ->
                                    new TypeConversionException(
                                            "'"
                                                    + value
                                                    + "' is none of "
                                                    + String.join(", ", new FormNames())));
        }
    }

    private static String millions(long parameters) {
        return String.format(Locale.ROOT, "%.1fM", parameters / 1e6);
    }
}
