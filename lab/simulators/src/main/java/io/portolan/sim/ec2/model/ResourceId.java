package io.portolan.sim.ec2.model;

import java.util.Arrays;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;

/** An id as EC2 writes it: the kind's prefix and 8 or 17 hexadecimal digits. */
public record ResourceId(ResourceKind kind, String text) implements Comparable<ResourceId> {
  private static final Pattern DIGITS = Pattern.compile("[0-9a-f]{8}([0-9a-f]{9})?");

  public ResourceId {
    if (!isWellFormed(kind, text)) {
      throw new IllegalArgumentException(
          "'"
              + text
              + "' is not a "
              + kind.typeName()
              + " id such as "
              + kind.prefix()
              + "-01234567");
    }
  }

  public static ResourceId random(ResourceKind kind, RandomGenerator random) {
    return new ResourceId(kind, String.format("%s-0%016x", kind.prefix(), random.nextLong()));
  }

  /** Empty if the text is not an id of this kind. */
  public static Optional<ResourceId> parse(ResourceKind kind, String text) {
    return isWellFormed(kind, text) ? Optional.of(new ResourceId(kind, text)) : Optional.empty();
  }

  /** An id of whichever kind its prefix tells. */
  public static Optional<ResourceId> parse(String text) {
    return Arrays.stream(ResourceKind.values())
        .flatMap(kind -> parse(kind, text).stream())
        .findFirst();
  }

  private static boolean isWellFormed(ResourceKind kind, String text) {
    String start = kind.prefix() + "-";
    return text.startsWith(start) && DIGITS.matcher(text.substring(start.length())).matches();
  }

  @Override
  public int compareTo(ResourceId other) {
    int byKind = kind.compareTo(other.kind);
    return byKind != 0 ? byKind : text.compareTo(other.text);
  }

  @Override
  public String toString() {
    return text;
  }
}
