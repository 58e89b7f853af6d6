package io.portolan.linux.nft;

import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * A named set or, when it has a data type, a map. Its elements are commands of their own.
 *
 * @param key the type of each field; more than one field is a concatenation, at most 64 bytes
 * @param data the type of the value; {@link NftType#VERDICT} makes a verdict map
 * @param timeout default lifetime of an element; needs {@link Flag#TIMEOUT}
 * @param counters each element counts the packets that matched it
 * @param comment shown by {@code nft list}
 */
public record NftSet(
    String name,
    List<NftType> key,
    Optional<NftType> data,
    Set<Flag> flags,
    Optional<Duration> timeout,
    boolean counters,
    Optional<String> comment) {

  /** NFT_REG32_COUNT registers of four bytes. */
  private static final int KEY_MAX = 64;

  public NftSet {
    NftName.check(data.isPresent() ? "map" : "set", name);
    NftName.checkComment(comment);
    key = List.copyOf(key);
    flags = Collections.unmodifiableSet(new TreeSet<>(flags));
    if (key.isEmpty() || key.contains(NftType.VERDICT)) {
      throw new IllegalArgumentException(
          "set " + name + ": the key has at least one field, and none is a verdict");
    }
    if (key.stream().mapToInt(NftType::paddedLength).sum() > KEY_MAX) {
      throw new IllegalArgumentException(
          "set " + name + ": a key has at most " + KEY_MAX + " bytes; use fewer fields");
    }
    if (timeout.isPresent() && !flags.contains(Flag.TIMEOUT)) {
      throw new IllegalArgumentException(
          "set " + name + ": a default timeout needs the timeout flag");
    }
    if (flags.contains(Flag.INTERVAL) && key.size() == 1 && !key.getFirst().networkOrder()) {
      throw new IllegalArgumentException(
          "set "
              + name
              + ": "
              + key.getFirst().text()
              + " has no order in the kernel; drop the interval flag");
    }
  }

  /** What the kernel needs to know in advance to choose the data structure. */
  public enum Flag {
    /** Elements cannot be changed once a rule uses the set. */
    CONSTANT,
    /** Elements may be ranges. */
    INTERVAL,
    /** Elements may expire. */
    TIMEOUT;

    public String text() {
      return name().toLowerCase(java.util.Locale.ROOT);
    }
  }

  public static NftSet of(String name, NftType... key) {
    return new NftSet(
        name, List.of(key), Optional.empty(), Set.of(), Optional.empty(), false, Optional.empty());
  }

  public static NftSet map(String name, NftType data, NftType... key) {
    return new NftSet(
        name, List.of(key), Optional.of(data), Set.of(), Optional.empty(), false, Optional.empty());
  }

  public static NftSet verdictMap(String name, NftType... key) {
    return map(name, NftType.VERDICT, key);
  }

  /** The same set, holding ranges. */
  public NftSet interval() {
    return flag(Flag.INTERVAL);
  }

  public NftSet flag(Flag flag) {
    Set<Flag> more = new TreeSet<>(flags);
    more.add(flag);
    return new NftSet(name, key, data, more, timeout, counters, comment);
  }

  public NftSet timeout(Duration duration) {
    NftSet flagged = flag(Flag.TIMEOUT);
    return new NftSet(name, key, data, flagged.flags, Optional.of(duration), counters, comment);
  }

  public NftSet counting() {
    return new NftSet(name, key, data, flags, timeout, true, comment);
  }

  public NftSet comment(String text) {
    return new NftSet(name, key, data, flags, timeout, counters, Optional.of(text));
  }

  public boolean isMap() {
    return data.isPresent();
  }

  public boolean isInterval() {
    return flags.contains(Flag.INTERVAL);
  }

  public boolean isConcatenation() {
    return key.size() > 1;
  }

  /** {@code ipv4_addr . inet_proto : verdict}, as nft writes it. */
  public String typeText() {
    return key.stream().map(NftType::text).collect(Collectors.joining(" . "))
        + data.map(type -> " : " + type.text()).orElse("");
  }

  /**
   * Checks that an element belongs in here.
   *
   * @throws IllegalArgumentException naming the set, the element and what does not fit
   */
  public void check(NftElement element) {
    List<NftType> types = element.key().stream().map(NftKeyPart::type).toList();
    if (!types.equals(key)) {
      throw misfit(
          element,
          "its key is " + types.stream().map(NftType::text).collect(Collectors.joining(" . ")));
    }
    if (!isInterval() && element.key().stream().anyMatch(NftInterval.class::isInstance)) {
      throw misfit(element, "a range needs a set with the interval flag");
    }
    if (element.timeout().isPresent() && !flags.contains(Flag.TIMEOUT)) {
      throw misfit(element, "a timeout needs a set with the timeout flag");
    }
    Optional<NftType> given =
        element
            .data()
            .map(value ->
                switch (value) {
                  case NftVerdict _ -> NftType.VERDICT;
                  case NftValue v -> v.type();
                });
    if (!given.equals(data)) {
      throw misfit(element, "its data is " + given.map(NftType::text).orElse("absent"));
    }
  }

  private IllegalArgumentException misfit(NftElement element, String why) {
    return new IllegalArgumentException(
        "set " + name + " of type " + typeText() + " cannot hold " + element + ": " + why);
  }
}
