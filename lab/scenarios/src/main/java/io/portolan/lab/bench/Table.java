package io.portolan.lab.bench;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

/** A table in Markdown: the first column is text, the others are figures, aligned right. */
final class Table {
  private final List<String> lines = new ArrayList<>();
  private final int columns;

  Table(String... header) {
    columns = header.length;
    add(header);
    lines.add("|---|" + String.join("", Collections.nCopies(columns - 1, "---:|")));
  }

  /** Adds a row; the cells must be as many as the header's. */
  Table row(String... cells) {
    if (cells.length != columns) {
      throw new IllegalArgumentException(
          "a row of " + cells.length + " cells in a table of " + columns + " columns");
    }
    add(cells);
    return this;
  }

  private void add(String[] cells) {
    for (String cell : cells) {
      if (cell.contains("|") || cell.contains("\n")) {
        throw new IllegalArgumentException("a cell holds a bar or a line end: " + cell);
      }
    }
    lines.add("| " + String.join(" | ", cells) + " |");
  }

  /** A figure with two decimals, or none from a hundred on. */
  static String figure(double value) {
    return String.format(Locale.ROOT, value < 100 ? "%.2f" : "%.0f", value);
  }

  @Override
  public String toString() {
    return String.join("\n", lines);
  }
}
