package io.portolan.lab.bench;

import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The text of a page out of its template, where {@code {{name}}} stands for a generated part. */
final class BenchmarkPage {
  private static final Pattern PLACE = Pattern.compile("\\{\\{([a-z0-9-]+)}}");

  private BenchmarkPage() {}

  /**
   * Fills every place.
   *
   * @throws IllegalArgumentException if a place has no part, or a part no place: one of both was
   *     renamed
   */
  static String render(String template, Map<String, String> parts) {
    TreeSet<String> unused = new TreeSet<>(parts.keySet());
    String page =
        PLACE
            .matcher(template)
            .replaceAll(place -> {
              String part = parts.get(place.group(1));
              if (part == null) {
                throw new IllegalArgumentException("no part for {{" + place.group(1) + "}}");
              }
              unused.remove(place.group(1));
              return Matcher.quoteReplacement(part.strip());
            });
    if (!unused.isEmpty()) {
      throw new IllegalArgumentException("the template has no place for " + unused);
    }
    return page;
  }
}
