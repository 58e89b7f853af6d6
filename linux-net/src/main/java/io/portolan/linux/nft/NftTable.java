package io.portolan.linux.nft;

import java.util.Optional;

/**
 * A table: the unit of ownership. One program owns one table and touches no other.
 *
 * @param comment shown by {@code nft list}; kept by the kernel as user data
 */
public record NftTable(NftFamily family, String name, Optional<String> comment) {
  public NftTable {
    NftName.check("table", name);
    NftName.checkComment(comment);
  }

  public static NftTable of(NftFamily family, String name) {
    return new NftTable(family, name, Optional.empty());
  }

  public NftTable comment(String text) {
    return new NftTable(family, name, Optional.of(text));
  }

  /** Family and name as nft writes them: {@code inet portolan}. */
  public String id() {
    return family.text() + " " + name;
  }

  /** Same kernel object, whatever the comment. */
  public boolean sameAs(NftTable other) {
    return family == other.family && name.equals(other.name);
  }
}
