package io.portolan.cli.status;

import java.util.ArrayList;
import java.util.List;

/** A cluster's status for people. */
public final class StatusTable {
  private static final List<String> HEAD =
      List.of(
          "NODE",
          "MODE",
          "TYPE",
          "ZONE",
          "CAPACITY",
          "ASSIGNED",
          "DEMAND",
          "IN USE",
          "COOLING",
          "AGENT",
          "HEALTH");

  private StatusTable() {}

  /** One line for each node and each of its further problems; the programs below. */
  public static String of(ClusterStatus status) {
    List<List<String>> rows = new ArrayList<>();
    rows.add(HEAD);
    for (NodeStatus node : status.nodes()) {
      List<String> row = new ArrayList<>();
      row.add(node.node());
      row.add(node.mode());
      row.add(dash(node.type()));
      row.add(dash(node.zone()));
      NodeStatus.Pool pool = node.pool();
      row.addAll(
          pool == null
              ? List.of("-", "-", "-", "-", "-")
              : List.of(
                  "" + pool.capacity(),
                  "" + pool.assigned(),
                  "" + pool.demand(),
                  "" + pool.inUse(),
                  "" + pool.cooling()));
      row.add(dash(node.agent()));
      row.add(node.problems().isEmpty() ? "ok" : node.problems().getFirst());
      rows.add(row);
      node.problems().stream()
          .skip(1)
          .forEach(problem -> {
            List<String> more = new ArrayList<>(java.util.Collections.nCopies(HEAD.size(), ""));
            more.set(HEAD.size() - 1, problem);
            rows.add(more);
          });
    }
    StringBuilder text = new StringBuilder(table(rows)).append('\n');
    List<List<String>> programs = new ArrayList<>();
    programs.add(List.of("PROGRAM", "READY", "VERSION"));
    for (ProgramStatus program : status.programs()) {
      programs.add(
          List.of(
              program.name(),
              program.ready() + "/" + program.pods(),
              String.join(", ", program.versions())));
    }
    return text.append(table(programs)).toString();
  }

  private static String dash(String text) {
    return text.isEmpty() ? "-" : text;
  }

  private static String table(List<List<String>> rows) {
    int columns = rows.getFirst().size();
    int[] widths = new int[columns];
    for (List<String> row : rows) {
      for (int i = 0; i < columns; i++) {
        widths[i] = Math.max(widths[i], row.get(i).length());
      }
    }
    StringBuilder text = new StringBuilder();
    for (List<String> row : rows) {
      StringBuilder line = new StringBuilder();
      for (int i = 0; i < columns; i++) {
        String cell = row.get(i);
        line.append(cell).append(" ".repeat(widths[i] - cell.length() + 2));
      }
      text.append(line.toString().stripTrailing()).append('\n');
    }
    return text.toString();
  }
}
