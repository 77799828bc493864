package io.hfx.cli.simulate;

/** The commit that the program was built from, as the launcher says. */
final class Commit {
    private Commit() {}

    /** A short hash, with {@code -dirty} where files had changed; or {@code unknown}. */
    static String name() {
        String commit = System.getProperty("hfx.commit", "");
        return commit.isBlank() ? "unknown" : commit;
    }
}
