package io.portolan.linux.nft.kernel;

import io.portolan.linux.netlink.AttributeReader;
import io.portolan.linux.nft.NftVerdict;
import java.util.Optional;

/** Verdict numbers (enum nft_verdicts, and NF_DROP and NF_ACCEPT of linux/netfilter.h). */
final class Verdicts {
  private static final int DROP = 0;
  private static final int ACCEPT = 1;
  private static final int CONTINUE = -1;
  private static final int JUMP = -3;
  private static final int GOTO = -4;
  private static final int RETURN = -5;

  private Verdicts() {}

  static int code(NftVerdict verdict) {
    return switch (verdict) {
      case NftVerdict.Terminal.ACCEPT -> ACCEPT;
      case NftVerdict.Terminal.DROP -> DROP;
      case NftVerdict.Terminal.RETURN -> RETURN;
      case NftVerdict.Terminal.CONTINUE -> CONTINUE;
      case NftVerdict.Jump _ -> JUMP;
      case NftVerdict.Goto _ -> GOTO;
    };
  }

  static Optional<String> target(NftVerdict verdict) {
    return switch (verdict) {
      case NftVerdict.Jump jump -> Optional.of(jump.chain());
      case NftVerdict.Goto jump -> Optional.of(jump.chain());
      case NftVerdict.Terminal _ -> Optional.empty();
    };
  }

  /**
   * Reads the inside of NFTA_DATA_VERDICT; empty for verdicts that only nft queues and such use.
   */
  static Optional<NftVerdict> read(AttributeReader in) {
    int code = 0;
    String chain = "";
    while (in.next()) {
      switch (in.type()) {
        case Nfnl.VERDICT_CODE -> code = in.u32BigEndian();
        case Nfnl.VERDICT_CHAIN -> chain = in.string();
        default -> {}
      }
    }
    return switch (code) {
      case ACCEPT -> Optional.of(NftVerdict.ACCEPT);
      case DROP -> Optional.of(NftVerdict.DROP);
      case RETURN -> Optional.of(NftVerdict.RETURN);
      case CONTINUE -> Optional.of(NftVerdict.CONTINUE);
      case JUMP -> Optional.of(NftVerdict.jump(chain));
      case GOTO -> Optional.of(NftVerdict.goTo(chain));
      default -> Optional.empty();
    };
  }
}
