package io.hfx.plugin.openai;

import java.util.List;

/**
 * Finds stop strings in a text that comes in pieces. Text that may be the beginning of a stop
 * string is held back until it is clear. One per sequence; one thread.
 */
final class StopFinder {
    private final List<String> stops;
    private final StringBuilder held = new StringBuilder();
    private boolean found;

    StopFinder(List<String> stops) {
        this.stops = stops;
    }

    /** Takes the next piece and gives the text that is certain now; nothing after a stop. */
    String accept(String piece) {
        if (stops.isEmpty()) {
            return piece;
        }
        held.append(piece);
        int at = earliest();
        if (at >= 0) {
            found = true;
            held.setLength(at);
            return rest();
        }
        int certain = held.length() - longestBeginning();
        String text = held.substring(0, certain);
        held.delete(0, certain);
        return text;
    }

    /** Whether a stop string was found: the sequence ends before it. */
    boolean found() {
        return found;
    }

    /** What is still held back, given free because the sequence has ended. */
    String rest() {
        String text = held.toString();
        held.setLength(0);
        return text;
    }

    private int earliest() {
        int first = -1;
        for (String stop : stops) {
            int at = held.indexOf(stop);
            if (at >= 0 && (first < 0 || at < first)) {
                first = at;
            }
        }
        return first;
    }

    /** Length of the longest end of the held text that begins a stop string. */
    private int longestBeginning() {
        int longest = 0;
        for (String stop : stops) {
            int from = Math.max(0, held.length() - stop.length() + 1);
            for (int at = from; at < held.length() - longest; at++) {
                if (stop.startsWith(held.substring(at))) {
                    longest = held.length() - at;
                    break;
                }
            }
        }
        return longest;
    }
}
