package io.portolan.linux.nft;

import java.util.Optional;
import java.util.regex.Pattern;

/** What may be written as a name or a comment, so that everything programmed can be listed. */
final class NftName {
  /** nft's own lexer; the kernel would take more, and nobody could then type the name. */
  private static final Pattern IDENTIFIER = Pattern.compile("[A-Za-z_][A-Za-z0-9_./-]*");

  /** NFT_NAME_MAXLEN of {@code nf_tables.h}, less the closing NUL. */
  private static final int NAME_MAX = 255;

  /** NFTNL_UDATA_COMMENT_MAXLEN of libnftnl. */
  static final int COMMENT_MAX = 128;

  private NftName() {}

  static String check(String what, String name) {
    if (name.length() > NAME_MAX || !IDENTIFIER.matcher(name).matches()) {
      throw new IllegalArgumentException(
          what
              + " name '"
              + name
              + "': write a letter or _, then letters, digits and _ . / - (at most "
              + NAME_MAX
              + " characters)");
    }
    return name;
  }

  static void checkComment(Optional<String> comment) {
    comment.ifPresent(text -> {
      if (text.length() >= COMMENT_MAX || !text.chars().allMatch(NftName::printable)) {
        throw new IllegalArgumentException(
            "comment '"
                + text
                + "': at most "
                + (COMMENT_MAX - 1)
                + " printable ASCII characters without double quotes");
      }
    });
  }

  /** Names that come from kernel interfaces: any byte but what would end the quoted text. */
  static boolean printable(int c) {
    return c >= ' ' && c <= '~' && c != '"' && c != '\\';
  }
}
