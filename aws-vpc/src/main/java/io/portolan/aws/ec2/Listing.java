package io.portolan.aws.ec2;

import java.util.List;
import java.util.stream.Stream;

/**
 * All items of a listing.
 *
 * @param items in EC2's order
 * @param requests how many requests it took, for the account's budget
 */
public record Listing<T>(List<T> items, int requests) {
  public Listing {
    items = List.copyOf(items);
  }

  /** No item, for no request. */
  public static <T> Listing<T> none() {
    return new Listing<>(List.of(), 0);
  }

  /** Both listings as one. */
  public Listing<T> plus(Listing<T> other) {
    return new Listing<>(
        Stream.concat(items.stream(), other.items.stream()).toList(), requests + other.requests);
  }
}
