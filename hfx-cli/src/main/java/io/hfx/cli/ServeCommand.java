package io.hfx.cli;

import io.hfx.plugin.config.ConfigReader;
import io.hfx.plugin.config.ServerConfig;
import io.hfx.plugin.server.CheckpointModels;
import io.hfx.plugin.server.ModelServiceFactory;
import io.hfx.plugin.server.ServerProcess;
import io.hfx.plugin.server.StandaloneServer;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Serves a checkpoint over the OpenAI API until the process is told to stop. */
@Command(
        name = "serve",
        description = "Serve a checkpoint over the OpenAI API.",
        mixinStandardHelpOptions = true)
final class ServeCommand implements Callable<Integer> {
    private final ModelServiceFactory models;

    @Spec private CommandSpec spec;

    @Option(names = "--model", paramLabel = "DIR", description = "Folder of the checkpoint.")
    private @Nullable Path model;

    @Option(names = "--model-id", paramLabel = "ID", description = "Name that clients give.")
    private @Nullable String modelId;

    @Option(names = "--host", paramLabel = "H", description = "Address (default 127.0.0.1).")
    private @Nullable String host;

    @Option(names = "--port", paramLabel = "N", description = "Port (default 8080; 0: a free one).")
    private @Nullable String port;

    @Option(names = "--policy", paramLabel = "NAME", description = "Scheduling policy.")
    private @Nullable String policy;

    @Option(
            names = "--policy-settings",
            paramLabel = "K=V,K=V",
            description = "Settings of the policy.")
    private @Nullable String policySettings;

    @Option(names = "--workers", paramLabel = "N", description = "Replicas of the model.")
    private @Nullable String workers;

    @Option(names = "--kv-slots", paramLabel = "N", description = "Sequences per worker.")
    private @Nullable String kvSlots;

    @Option(names = "--threads", paramLabel = "N", description = "Executor threads per worker.")
    private @Nullable String threads;

    @Option(names = "--classes", paramLabel = "FILE", description = "JSON file of SLO classes.")
    private @Nullable Path classes;

    @Option(
            names = "--clone-from",
            paramLabel = "HOST:PORT,...",
            description = "Running servers to take the weights from, before the disk.")
    private @Nullable String cloneFrom;

    @Option(
            names = "--seed-address",
            paramLabel = "[HOST:]PORT",
            description = "Let other servers take the weights from here (a port: on 127.0.0.1).")
    private @Nullable String seedAddress;

    @Option(
            names = "--worker-key-file",
            paramLabel = "FILE",
            description = "Secret that such servers share; hfx key --role worker makes one.")
    private @Nullable Path workerKeyFile;

    @Option(names = "--config", paramLabel = "FILE", description = "Properties file of hfx_* keys.")
    private @Nullable Path config;

    ServeCommand() {
        this(new CheckpointModels());
    }

    /**
     * @param models makes the service of the checkpoint
     */
    ServeCommand(ModelServiceFactory models) {
        this.models = models;
    }

    @Override
    public Integer call() throws InterruptedException {
        ServerConfig settings = settings();
        try (StandaloneServer server = StandaloneServer.start(settings, models)) {
            ServerProcess.drainWhenTold(server);
            say("hfx: listening at %s, loading %s%n", server.url(), settings.modelId());
            if (server.awaitLoaded()) {
                say(
                        "hfx: serving %s at %s (policy %s, workers %d)%n",
                        settings.modelId(), server.url(), settings.policy(), settings.workers());
            }
            ServerProcess.await();
        } catch (IOException e) {
            Throwable cause = e.getCause();
            throw new UserError(e.getMessage() + (cause == null ? "" : ": " + cause.getMessage()));
        }
        return 0;
    }

    private void say(String format, Object... values) {
        PrintWriter out = spec.commandLine().getOut();
        out.printf(format, values);
        out.flush();
    }

    private ServerConfig settings() {
        ConfigReader reader = new ConfigReader();
        if (config != null) {
            reader.file(config);
        }
        return reader.environment(System.getenv())
                .option("hfx_model", model)
                .option("hfx_model_id", modelId)
                .option("hfx_host", host)
                .option("hfx_port", port)
                .option("hfx_policy", policy)
                .option("hfx_policy_settings", policySettings)
                .option("hfx_workers", workers)
                .option("hfx_kv_slots", kvSlots)
                .option("hfx_threads", threads)
                .option("hfx_slo_classes", classes)
                .option("hfx_clone_from", cloneFrom)
                .option("hfx_seed_address", seedAddress)
                .option("hfx_worker_key_file", workerKeyFile)
                .read();
    }
}
