package io.hfx.simulator.report;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** A study as one HTML file that needs nothing else: SVG plots drawn by D3, which is inlined. */
public final class HtmlPage {
    private static final String D3 = "/META-INF/resources/webjars/d3/7.9.0/dist/d3.min.js";

    private HtmlPage() {}

    /** The page; single runs are left out of it. */
    public static String of(StudyReport report) {
        String data = report.summary().json().replace("<", "\\u003c");
        return resource("study.html")
                .replace("/*STYLE*/", resource("study.css"))
                .replace("/*D3*/", resource(D3))
                .replace("/*PAGE*/", resource("study.js"))
                .replace("/*DATA*/", data);
    }

    private static String resource(String path) {
        try (InputStream in = HtmlPage.class.getResourceAsStream(path)) {
            if (in == null) {
                throw new IllegalStateException("not on the class path: " + path);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(path, e);
        }
    }
}
