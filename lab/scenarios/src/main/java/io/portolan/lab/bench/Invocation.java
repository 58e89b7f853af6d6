package io.portolan.lab.bench;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * One execution of a CNI plugin.
 *
 * @param program the plugin
 * @param configuration file it reads as standard input
 * @param answer file it writes as standard output
 * @param environment its whole environment
 */
record Invocation(Path program, Path configuration, Path answer, Map<String, String> environment) {
  Invocation {
    environment = new TreeMap<>(environment);
    environment.forEach((name, value) -> {
      if ((name + value).matches("(?s).*[\t\n].*")) {
        throw new IllegalArgumentException("environment: " + name + " holds a tab or line end");
      }
    });
  }

  /** As {@code cni-stopwatch} reads it. */
  String line() {
    List<String> fields =
        new ArrayList<>(
            List.of("run", program.toString(), configuration.toString(), answer.toString()));
    environment.forEach((name, value) -> fields.add(name + "=" + value));
    return String.join("\t", fields);
  }
}
