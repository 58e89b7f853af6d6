package io.portolan.calico.bgp.bird;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How a session is.
 *
 * @param protocol BIRD's name of it
 * @param established whether routes are exchanged
 * @param info BIRD's words, such as {@code Established} or {@code Active Socket: Connection
 *     refused}
 */
public record SessionState(String protocol, boolean established, String info) {
  private static final int PROTOCOL_LINE = 1002;

  /** Name, kind, table, state, since, information. */
  private static final Pattern COLUMNS =
      Pattern.compile("(\\S+)\\s+BGP\\s+\\S+\\s+\\S+\\s+\\S+\\s*(.*)");

  /** Out of the answer to {@code show protocols}. */
  static List<SessionState> read(List<BirdControl.Line> answer) {
    List<SessionState> all = new ArrayList<>();
    for (BirdControl.Line line : answer) {
      Matcher columns = COLUMNS.matcher(line.text());
      if (line.code() == PROTOCOL_LINE && columns.matches()) {
        String info = columns.group(2).strip().replaceAll("\\s+", " ");
        all.add(new SessionState(columns.group(1), info.startsWith("Established"), info));
      }
    }
    return all;
  }
}
