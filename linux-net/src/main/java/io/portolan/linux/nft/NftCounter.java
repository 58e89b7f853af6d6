package io.portolan.linux.nft;

import java.util.Optional;

/** A named counter; several rules may count into it, and it outlives them. */
public record NftCounter(String name, Optional<String> comment) {
  public NftCounter {
    NftName.check("counter", name);
    NftName.checkComment(comment);
  }

  public static NftCounter of(String name) {
    return new NftCounter(name, Optional.empty());
  }

  public NftCounter comment(String text) {
    return new NftCounter(name, Optional.of(text));
  }
}
