package io.portolan.lab.bench;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The text of a page out of its template, where {@code {{name}}} stands for a generated part. A
 * section begins with a line {@code ## Title}.
 */
final class BenchmarkPage {
  private static final Pattern PLACE = Pattern.compile("\\{\\{([a-z0-9-]+)}}");
  private static final String NOT_MEASURED = "(not measured yet)";
  private static final Pattern SECTION = Pattern.compile("(?m)^(?=## )");

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

  /**
   * A page with some of its sections measured anew, each with a note of that; the others stay, and
   * those it does not have yet say so.
   *
   * @param page as it was; empty if there was none
   * @param note one line that comes below the titles of those sections
   * @throws IllegalArgumentException if a part has no place, or a section only some of its parts
   */
  static String update(String page, String template, Map<String, String> parts, String note) {
    Map<String, String> known = new HashMap<>();
    for (String section : SECTION.split(page)) {
      known.put(title(section), section.strip());
    }
    TreeSet<String> unused = new TreeSet<>(parts.keySet());
    List<String> sections = new ArrayList<>();
    for (String section : SECTION.split(template)) {
      Map<String, String> own = new TreeMap<>();
      PLACE
          .matcher(section)
          .results()
          .map(place -> place.group(1))
          .forEach(
              name -> Optional.ofNullable(parts.get(name)).ifPresent(part -> own.put(name, part)));
      unused.removeAll(own.keySet());
      String title = title(section);
      if (!own.isEmpty()) {
        String filled = render(section, own).strip();
        sections.add(title + "\n\n> " + note + "\n\n" + filled.substring(title.length()).strip());
      } else if (known.containsKey(title)) {
        sections.add(known.get(title));
      } else {
        sections.add(PLACE.matcher(section).replaceAll(NOT_MEASURED).strip());
      }
    }
    if (!unused.isEmpty()) {
      throw new IllegalArgumentException("the template has no place for " + unused);
    }
    return String.join("\n\n", sections) + "\n";
  }

  private static String title(String section) {
    return section.lines().findFirst().orElse("");
  }
}
