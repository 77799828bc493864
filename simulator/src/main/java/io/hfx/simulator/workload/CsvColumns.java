package io.hfx.simulator.workload;

import java.util.List;

/**
 * The header of a CSV file whose values hold no quotes and no commas, as the traces have it.
 *
 * @param names of the columns in order
 */
record CsvColumns(List<String> names) {
    CsvColumns {
        names = List.copyOf(names);
    }

    static CsvColumns of(String header) {
        return new CsvColumns(List.of(header.strip().split("\\s*,\\s*", -1)));
    }

    boolean has(String name) {
        return names.contains(name);
    }

    int index(String name, String where) {
        int index = names.indexOf(name);
        if (index < 0) {
            throw new WorkloadException(where + "no column " + name + " in " + names);
        }
        return index;
    }

    String[] split(String line, String where) {
        String[] values = line.strip().split(",", -1);
        if (values.length != names.size()) {
            throw new WorkloadException(
                    where + "expected " + names.size() + " values, found " + values.length);
        }
        return values;
    }
}
