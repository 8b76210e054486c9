package io.tidemark.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import picocli.CommandLine.Help;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Help.Column;
import picocli.CommandLine.Help.TextTable;

/** Rows in aligned columns, each as wide as its widest cell. */
final class Table {

    private static final int GAP = 2;

    private final List<List<String>> rows = new ArrayList<>();

    private Table() {}

    static Table with(String... headings) {
        return new Table().row(headings);
    }

    /** Of names and values, one a line. */
    static Table ofFacts() {
        return new Table();
    }

    Table row(String... cells) {
        rows.add(Arrays.stream(cells).map(Text::printable).toList());
        return this;
    }

    /** A row for each element. */
    Table rows(JsonNode elements, Function<JsonNode, String[]> cells) {
        elements.forEach(each -> row(cells.apply(each)));
        return this;
    }

    @Override
    public String toString() {
        if (rows.isEmpty()) {
            return "";
        }
        Column[] columns = new Column[rows.getFirst().size()];
        for (int i = 0; i < columns.length; i++) {
            int at = i;
            int width =
                    rows.stream().mapToInt(row -> row.get(at).length()).max().orElse(0);
            columns[i] = new Column(width + GAP, 0, Column.Overflow.SPAN);
        }
        TextTable table = TextTable.forColumns(Help.defaultColorScheme(Ansi.OFF), columns);
        table.indentWrappedLines = 0;
        rows.forEach(row -> table.addRowValues(row.toArray(String[]::new)));
        return table.toString().stripTrailing();
    }
}
