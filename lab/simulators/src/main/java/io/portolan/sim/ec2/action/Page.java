package io.portolan.sim.ec2.action;

import io.portolan.sim.ec2.model.Ec2Error;
import io.portolan.sim.ec2.model.Refusals;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;

/**
 * One page of a listing. The token names the last thing listed, so pages neither repeat nor skip
 * what was there all along, whatever came or went between them.
 */
record Page<T>(List<T> items, Optional<String> nextToken) {
  /**
   * Reads MaxResults and NextToken.
   *
   * @param ids what the request names by id; naming and paging exclude each other
   * @param all everything to be listed, sorted by {@code key}
   * @param max the largest page the operation allows
   */
  static <T> Page<T> of(
      Query query, List<?> ids, List<T> all, Function<T, String> key, int min, int max) {
    OptionalInt size = query.integer("MaxResults", min, max);
    Optional<String> token = query.text("NextToken");
    if (!ids.isEmpty() && size.isPresent()) {
      throw Refusals.combination(
          "The parameter maxResults cannot be used with resource ids in the same request");
    }
    String filters = Integer.toHexString(query.fingerprint("MaxResults", "NextToken").hashCode());
    Optional<String> after = token.map(t -> lastKey(t, filters));
    List<T> rest =
        after.isEmpty()
            ? all
            : all.stream().filter(t -> key.apply(t).compareTo(after.get()) > 0).toList();
    if (size.isEmpty() || rest.size() <= size.getAsInt()) {
      return new Page<>(rest, Optional.empty());
    }
    List<T> items = rest.subList(0, size.getAsInt());
    return new Page<>(items, Optional.of(token(filters, key.apply(items.getLast()))));
  }

  /** As an answer: the list under {@code name}, then the token. */
  List<Element> answer(String name, Function<T, Element> item) {
    List<Element> answer = new ArrayList<>();
    answer.add(Element.node(name, items.stream().map(item).toList()));
    nextToken.ifPresent(token -> answer.add(Element.leaf("nextToken", token)));
    return answer;
  }

  private static String token(String filters, String key) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString((filters + " " + key).getBytes(StandardCharsets.UTF_8));
  }

  private static String lastKey(String token, String filters) {
    try {
      String text = new String(Base64.getUrlDecoder().decode(token), StandardCharsets.UTF_8);
      if (text.startsWith(filters + " ")) {
        return text.substring(filters.length() + 1);
      }
    } catch (IllegalArgumentException e) {
      throw invalidToken();
    }
    throw invalidToken();
  }

  private static RuntimeException invalidToken() {
    return new Ec2Error(
            "InvalidPaginationToken",
            "The specified pagination token is not valid or belongs to another request.")
        .refusal();
  }
}
