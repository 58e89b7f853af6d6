package io.portolan.aws.ec2;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.ec2.model.Filter;

/** How Describe requests are cut into filters and pages. */
final class Listings {
  /** Values one filter may carry (EC2 API reference, DescribeInstances). */
  private static final int VALUES_PER_FILTER = 200;

  /** A million items; more means that the other side pages in circles. */
  private static final int MOST_PAGES = 1000;

  private Listings() {}

  /**
   * Reads a listing to its end.
   *
   * @param <P> a page as the SDK has it
   * @param <I> an item as the SDK has it
   * @param <T> an item as the caller wants it
   */
  static <P, I, T> Listing<T> pages(
      Function<@Nullable String, P> request,
      Function<P, Stream<I>> items,
      Function<P, @Nullable String> nextToken,
      Function<I, T> mapping) {
    List<T> all = new ArrayList<>();
    @Nullable String token = null;
    for (int requests = 1; requests <= MOST_PAGES; requests++) {
      P page = request.apply(token);
      items.apply(page).map(mapping).forEach(all::add);
      token = nextToken.apply(page);
      if (token == null || token.isEmpty()) {
        return new Listing<>(all, requests);
      }
    }
    throw new Ec2Mapping.Unreadable("a listing has more than " + MOST_PAGES + " pages");
  }

  static Filter filter(String name, List<String> values) {
    return Filter.builder().name(name).values(values).build();
  }

  static List<List<String>> portions(Collection<String> values) {
    List<String> sorted = values.stream().sorted().distinct().toList();
    List<List<String>> portions = new ArrayList<>();
    for (int from = 0; from < sorted.size(); from += VALUES_PER_FILTER) {
      portions.add(sorted.subList(from, Math.min(from + VALUES_PER_FILTER, sorted.size())));
    }
    return portions;
  }
}
