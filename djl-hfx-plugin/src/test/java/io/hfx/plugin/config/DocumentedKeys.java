package io.hfx.plugin.config;

import io.hfx.plugin.config.ConfigKey.Scope;
import java.util.List;
import java.util.Set;

/** The rows of docs/configuration.md; {@code main} prints them. */
final class DocumentedKeys {
    private DocumentedKeys() {}

    public static void main(String[] args) {
        ConfigKeys.ALL.forEach(key -> System.out.println(row(key)));
        for (boolean engine : List.of(false, true)) {
            System.out.println();
            ModelKeys.ALL.stream()
                    .filter(key -> key.name().startsWith("option.") == engine)
                    .forEach(key -> System.out.println(row(key)));
        }
    }

    /** One row of a table. */
    static String row(ConfigKey key) {
        String byDefault = key.byDefault().isEmpty() ? "-" : "`" + key.byDefault() + "`";
        return String.format(
                "| `%s` | %s | %s | %s%s |",
                key.name(), key.allowed(), byDefault, where(key), key.meaning());
    }

    private static String where(ConfigKey key) {
        if (key.name().startsWith("option.")) {
            return "";
        }
        Set<Scope> scopes = key.scopes();
        String label =
                scopes.size() == 2
                        ? "both"
                        : switch (scopes.iterator().next()) {
                            case STANDALONE -> "standalone";
                            case DJL_SERVING -> "DJL Serving";
                            case WHOLE_MODEL -> "other engines";
                            case HFX_MODEL -> "`engine=HFX`";
                        };
        return label + " | ";
    }
}
