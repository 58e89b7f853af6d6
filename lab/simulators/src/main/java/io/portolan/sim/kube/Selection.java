package io.portolan.sim.kube;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Label and field selectors of list, watch and deletecollection. */
final class Selection {
  private static final Pattern SET_TERM =
      Pattern.compile("([^\\s!=(),]+)\\s+(in|notin)\\s*\\(([^)]*)\\)");
  private static final Set<String> FIELDS =
      Set.of("metadata.name", "metadata.namespace", "spec.nodeName", "status.phase");

  /** Also for events, which clients look up by the object they are about. */
  private static final String INVOLVED = "involvedObject.";

  private Selection() {}

  /** Matches everything if both texts are empty. */
  static Predicate<ObjectNode> parse(String labelSelector, String fieldSelector) {
    return labels(labelSelector).and(fields(fieldSelector));
  }

  private static Predicate<ObjectNode> labels(String text) {
    Predicate<ObjectNode> all = object -> true;
    for (String term : terms(text)) {
      all = all.and(labelTerm(term));
    }
    return all;
  }

  private static List<String> terms(String text) {
    List<String> terms = new ArrayList<>();
    int depth = 0;
    int start = 0;
    for (int i = 0; i <= text.length(); i++) {
      char c = i == text.length() ? ',' : text.charAt(i);
      if (c == '(') {
        depth++;
      } else if (c == ')') {
        depth--;
      } else if (c == ',' && (depth == 0 || i == text.length())) {
        String term = text.substring(start, i).strip();
        if (!term.isEmpty()) {
          terms.add(term);
        }
        start = i + 1;
      }
    }
    return terms;
  }

  private static Predicate<ObjectNode> labelTerm(String term) {
    Matcher set = SET_TERM.matcher(term);
    if (set.matches()) {
      Set<String> values = new TreeSet<>();
      for (String value : set.group(3).split(",", -1)) {
        values.add(value.strip());
      }
      boolean in = set.group(2).equals("in");
      String key = set.group(1);
      return o -> (label(o, key).isTextual() && values.contains(label(o, key).asText())) == in;
    }
    if (term.startsWith("!")) {
      String key = term.substring(1).strip();
      return o -> label(o, key).isMissingNode();
    }
    int equals = term.indexOf('=');
    if (equals < 0) {
      if (term.indexOf(' ') >= 0 || term.indexOf('(') >= 0) {
        throw ApiFailure.badRequest("unable to parse requirement: " + term);
      }
      return o -> !label(o, term).isMissingNode();
    }
    boolean negated = equals > 0 && term.charAt(equals - 1) == '!';
    String key = term.substring(0, negated ? equals - 1 : equals).strip();
    int value = term.startsWith("==", equals) ? equals + 2 : equals + 1;
    String wanted = term.substring(value).strip();
    return o -> (label(o, key).isTextual() && label(o, key).asText().equals(wanted)) != negated;
  }

  private static JsonNode label(ObjectNode object, String key) {
    return object.path("metadata").path("labels").path(key);
  }

  private static Predicate<ObjectNode> fields(String text) {
    Predicate<ObjectNode> all = object -> true;
    for (String term : terms(text)) {
      int equals = term.indexOf('=');
      if (equals < 1) {
        throw ApiFailure.badRequest(
            "invalid selector: '" + text + "'; can't understand '" + term + "'");
      }
      boolean negated = term.charAt(equals - 1) == '!';
      String field = term.substring(0, negated ? equals - 1 : equals);
      if (!FIELDS.contains(field) && !field.startsWith(INVOLVED)) {
        throw ApiFailure.badRequest("field label not supported: " + field);
      }
      String wanted = term.substring(term.startsWith("==", equals) ? equals + 2 : equals + 1);
      String pointer = "/" + field.replace('.', '/');
      all = all.and(o -> o.at(pointer).asText().equals(wanted) != negated);
    }
    return all;
  }
}
