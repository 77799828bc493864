package io.hfx.plugin.config;

import static io.hfx.plugin.config.ConfigKey.Scope.DJL_SERVING;
import static io.hfx.plugin.config.ConfigKey.decimal;
import static io.hfx.plugin.config.ConfigKey.flag;
import static io.hfx.plugin.config.ConfigKey.name;
import static io.hfx.plugin.config.ConfigKey.number;
import static io.hfx.plugin.config.ConfigKey.path;
import static io.hfx.plugin.config.ConfigKey.seconds;
import static io.hfx.plugin.config.ConfigKey.text;

import java.util.List;
import java.util.Optional;

/**
 * The schema of the servers: every {@code hfx_*} key, in the order of the documentation. Those of
 * models are {@link ModelKeys}.
 */
public final class ConfigKeys {
    /** All keys. */
    public static final List<ConfigKey> ALL =
            List.of(
                    path("hfx_model", "Folder of the checkpoint to serve; required"),
                    name("hfx_model_id", "", "Name of the model; its folder's name if left out"),
                    text("hfx_host", 255, "127.0.0.1", "Address to listen on"),
                    number("hfx_port", 0, 65_535, 8080, "Port to listen on; 0 takes a free one"),
                    flag("hfx_enabled", true, "False leaves a stock server").onlyIn(DJL_SERVING),
                    path(
                                    "hfx_keys_file",
                                    "File of the clients' keys; without it nobody is asked for a key")
                            .alsoIn(DJL_SERVING),
                    text(
                                    "hfx_address",
                                    255,
                                    "",
                                    "Address of an own listener for the OpenAI API; http://127.0.0.1:8090 where the server's ports are separate, else none")
                            .onlyIn(DJL_SERVING),
                    flag(
                                    "hfx_trust_client_slo",
                                    false,
                                    "Whether keys may state tighter objectives than their classes have")
                            .alsoIn(DJL_SERVING),
                    path("hfx_tls_certificate", "PEM file of the certificate chain; turns TLS on"),
                    path("hfx_tls_key", "PEM file of its private key, PKCS#8, not encrypted"),
                    flag(
                                    "hfx_insecure",
                                    false,
                                    "Whether other machines may connect without keys, and any Host is taken")
                            .alsoIn(DJL_SERVING),
                    text("hfx_policy", 128, "hfx", "Name of the scheduling policy"),
                    text(
                            "hfx_policy_settings",
                            1024,
                            "",
                            "Settings of the policy, as key=value,key=value"),
                    number("hfx_workers", 1, 256, 1, "Workers, each a replica of the model"),
                    name(
                            "hfx_backend",
                            "onnxruntime",
                            "What runs the model: onnxruntime, or emulated (waits, computes nothing)"),
                    path(
                            "hfx_latency_profile",
                            "JSON file of the emulated backend's step times; required there"),
                    path(
                            "hfx_step_log",
                            "File that gets the shape and time of every step, for hfx simulate fit"),
                    text(
                            "hfx_clone_from",
                            4096,
                            "",
                            "Servers to take the weights from while they run, as HOST:PORT,HOST:PORT, in this order"),
                    name(
                            "hfx_clone_transport",
                            "tcp",
                            "What carries weights between servers, the same on both sides: tcp, or ucx (RDMA where the machine has it; needs jucx and UCX)"),
                    number(
                            "hfx_clone_links",
                            1,
                            8,
                            2,
                            "Connections over which one of them gives the weights by TCP"),
                    text(
                            "hfx_weight_sources",
                            64,
                            "attach,tcp,disk",
                            "Where weights come from, in this order: attach and copy (memory of a seed on this host), tcp (a seed anywhere, by hfx_clone_transport), disk"),
                    text(
                            "hfx_seed_address",
                            255,
                            "",
                            "Where other servers may take the weights from, as [HOST:]PORT; 127.0.0.1 for a port alone, port 0 takes a free one; none if left out"),
                    number(
                            "hfx_seed_megabytes_per_second",
                            0,
                            1_000_000,
                            0,
                            "Rate at which weights are given away over links while requests run here; 0 for no limit"),
                    number(
                            "hfx_seed_slowdown_percent",
                            0,
                            1000,
                            5,
                            "How much longer the steps here may take while weights are given away over links, before that rate falls; 0 to let it be"),
                    path(
                            "hfx_worker_key_file",
                            "File of the secret, of 32 bytes or more, that servers prove to each other before weights move"),
                    number("hfx_kv_slots", 1, 4096, 16, "Sequences that one worker holds KV for"),
                    number(
                            "hfx_prefix_cache_bytes",
                            0,
                            1L << 40,
                            256L << 20,
                            "Memory for the KV of past prompts, shared by the model's workers; 0 turns the prefix cache off"),
                    number(
                            "hfx_context_tokens",
                            16,
                            1_048_576,
                            4096,
                            "Prompt and output of a sequence; the model's own bounds it too"),
                    number("hfx_threads", 1, 256, 1, "Executor threads of one worker"),
                    number(
                            "hfx_max_waiting",
                            1,
                            1_000_000,
                            1000,
                            "Requests that wait for a worker; 429 beyond"),
                    number(
                            "hfx_max_waiting_best_effort",
                            1,
                            1_000_000,
                            1000,
                            "Demoted and SLO-less requests that wait for a worker, or displaced on"
                                    + " one; 429 beyond"),
                    path(
                                    "hfx_slo_classes",
                                    "JSON file of the SLO classes; only best effort without it")
                            .alsoIn(DJL_SERVING),
                    decimal(
                                    "hfx_best_effort_share",
                                    0,
                                    0.5,
                                    "0.05",
                                    "Share of a model's workers that requests without objective are guaranteed")
                            .onlyIn(DJL_SERVING),
                    decimal(
                                    "hfx_deadline_margin",
                                    0.1,
                                    1,
                                    "0.9",
                                    "Share of the time to a deadline that batches are planned with")
                            .onlyIn(DJL_SERVING),
                    number(
                                    "hfx_max_requests",
                                    1,
                                    1_000_000,
                                    1024,
                                    "Requests accepted and unfinished; 429 beyond")
                            .alsoIn(DJL_SERVING),
                    number(
                                    "hfx_max_prompt_tokens",
                                    1,
                                    10_000_000,
                                    1_000_000,
                                    "Tokens of one prompt; the model's context bounds it too")
                            .alsoIn(DJL_SERVING),
                    number(
                                    "hfx_max_output_tokens",
                                    1,
                                    10_000_000,
                                    1_000_000,
                                    "Greatest max_tokens; the model's context bounds it too")
                            .alsoIn(DJL_SERVING),
                    number("hfx_max_choices", 1, 128, 16, "Greatest n, the choices of one prompt")
                            .alsoIn(DJL_SERVING),
                    number("hfx_max_prompts", 1, 4096, 64, "Prompts of one completions request")
                            .alsoIn(DJL_SERVING),
                    number("hfx_max_stop_chars", 1, 4096, 256, "Characters of one stop string")
                            .alsoIn(DJL_SERVING),
                    number("hfx_max_logit_bias", 0, 65_536, 1024, "Entries of one logit_bias")
                            .alsoIn(DJL_SERVING),
                    text(
                            "hfx_cors_allowed_origins",
                            4096,
                            "",
                            "Origins of web pages that may call, with commas between; * for all"),
                    number(
                                    "hfx_max_connections",
                                    1,
                                    1_000_000,
                                    4096,
                                    "Open connections; 503 beyond")
                            .alsoIn(DJL_SERVING),
                    number(
                                    "hfx_max_header_bytes",
                                    1024,
                                    1_048_576,
                                    16_384,
                                    "Bytes of one request's headers; 431 beyond")
                            .alsoIn(DJL_SERVING),
                    number(
                            "hfx_max_body_bytes",
                            1024,
                            268_435_456,
                            8_388_608,
                            "Bytes of one request's body; 413 beyond"),
                    number(
                                    "hfx_stream_buffer_bytes",
                                    4096,
                                    268_435_456,
                                    1_048_576,
                                    "Unread bytes of a stream at which a slow reader is cut off")
                            .alsoIn(DJL_SERVING),
                    number(
                                    "hfx_max_buffered_bytes",
                                    65_536,
                                    68_719_476_736L,
                                    268_435_456,
                                    "Bytes of bodies held for all requests not yet parsed; 503 beyond")
                            .alsoIn(DJL_SERVING),
                    seconds(
                                    "hfx_read_timeout_seconds",
                                    30,
                                    "Time from a request's first byte to its last; 408 beyond")
                            .alsoIn(DJL_SERVING),
                    seconds(
                                    "hfx_write_timeout_seconds",
                                    30,
                                    "Time without a byte taken at which a stalled reader is cut off")
                            .alsoIn(DJL_SERVING),
                    seconds(
                                    "hfx_idle_timeout_seconds",
                                    75,
                                    "Time that a connection is kept without a request")
                            .alsoIn(DJL_SERVING),
                    seconds("hfx_drain_seconds", 30, "Time that streams may go on after SIGTERM"),
                    number("hfx_http_threads", 1, 256, 2, "Event loop threads of the listener")
                            .alsoIn(DJL_SERVING),
                    number("hfx_parser_threads", 1, 256, 2, "Threads that parse and tokenise")
                            .alsoIn(DJL_SERVING),
                    number(
                                    "hfx_parser_queue",
                                    1,
                                    65_536,
                                    256,
                                    "Requests that wait to be parsed; 429 beyond")
                            .alsoIn(DJL_SERVING));

    /** Those of the standalone server. */
    public static final KeySet STANDALONE = new KeySet(ConfigKey.Scope.STANDALONE, ALL);

    /** Those of DJL Serving with the plugin. */
    public static final KeySet IN_DJL_SERVING = new KeySet(DJL_SERVING, ALL);

    private ConfigKeys() {}

    /** The key of that name, wherever it has an effect. */
    public static Optional<ConfigKey> find(String name) {
        return ALL.stream().filter(key -> key.name().equals(name)).findFirst();
    }
}
