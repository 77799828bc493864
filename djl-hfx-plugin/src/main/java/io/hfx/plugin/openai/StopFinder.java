package io.hfx.plugin.openai;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Finds stop strings in a text that comes in pieces. The one that is complete first ends the text,
 * the longest of those that are complete at once; so it does not matter how the text is cut. Text
 * that may be the beginning of a stop string is held back until it is clear. One per sequence; one
 * thread.
 */
final class StopFinder {
    private final List<String> stops;
    private final boolean included;
    private final StringBuilder held = new StringBuilder();
    private boolean found;

    /**
     * @param included whether a stop string that is found belongs to the text
     */
    StopFinder(List<String> stops, boolean included) {
        this.stops = stops;
        this.included = included;
    }

    /** Takes the next piece and gives the text that is certain now; nothing after a stop. */
    String accept(String piece) {
        if (stops.isEmpty()) {
            return piece;
        }
        held.append(piece);
        Match match = first();
        if (match != null) {
            found = true;
            held.setLength(included ? match.end : match.start);
            return rest();
        }
        int certain = held.length() - longestBeginning();
        String text = held.substring(0, certain);
        held.delete(0, certain);
        return text;
    }

    /** Whether a stop string was found: the sequence ends. */
    boolean found() {
        return found;
    }

    /** What is still held back, given free because the sequence has ended. */
    String rest() {
        String text = held.toString();
        held.setLength(0);
        return text;
    }

    /** The match with the least end, and of those the least start. */
    private @Nullable Match first() {
        Match first = null;
        for (String stop : stops) {
            int start = held.indexOf(stop);
            int end = start + stop.length();
            if (start >= 0
                    && (first == null
                            || end < first.end
                            || (end == first.end && start < first.start))) {
                first = new Match(start, end);
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

    private record Match(int start, int end) {}
}
