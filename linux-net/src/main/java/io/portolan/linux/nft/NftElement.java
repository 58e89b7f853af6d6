package io.portolan.linux.nft;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * An element of a set or, with data, of a map.
 *
 * @param key one part per field of the set's type
 * @param timeout own lifetime, in a set that has the timeout flag
 * @param comment shown by {@code nft list}; costs kernel memory per element
 */
public record NftElement(
    List<NftKeyPart> key,
    Optional<NftData> data,
    Optional<Duration> timeout,
    Optional<String> comment) {
  public NftElement {
    key = List.copyOf(key);
    if (key.isEmpty()) {
      throw new IllegalArgumentException("an element has at least one key field");
    }
    timeout.ifPresent(duration -> {
      if (duration.toMillis() <= 0) {
        throw new IllegalArgumentException("timeout " + duration + ": at least 1 ms");
      }
    });
    NftName.checkComment(comment);
  }

  /** An element of a set. */
  public static NftElement of(NftKeyPart... key) {
    return new NftElement(List.of(key), Optional.empty(), Optional.empty(), Optional.empty());
  }

  /** An element of a map. */
  public static NftElement mapping(NftData data, NftKeyPart... key) {
    return new NftElement(List.of(key), Optional.of(data), Optional.empty(), Optional.empty());
  }

  public NftElement comment(String text) {
    return new NftElement(key, data, timeout, Optional.of(text));
  }

  public NftElement timeout(Duration duration) {
    return new NftElement(key, data, Optional.of(duration), comment);
  }

  /** The key alone, which is what identifies an element. */
  public NftElement keyOnly() {
    return new NftElement(key, Optional.empty(), Optional.empty(), Optional.empty());
  }

  @Override
  public String toString() {
    return NftText.element(this);
  }
}
