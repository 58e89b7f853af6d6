package io.portolan.linux.nft;

import java.util.Locale;

/** Where a packet goes next. */
public sealed interface NftVerdict extends NftData {
  NftVerdict ACCEPT = Terminal.ACCEPT;
  NftVerdict DROP = Terminal.DROP;
  NftVerdict RETURN = Terminal.RETURN;
  NftVerdict CONTINUE = Terminal.CONTINUE;

  static NftVerdict jump(String chain) {
    return new Jump(chain);
  }

  static NftVerdict goTo(String chain) {
    return new Goto(chain);
  }

  /** Verdicts without a target. */
  enum Terminal implements NftVerdict {
    ACCEPT,
    DROP,
    /** Back to the rule behind the jump, or to the policy of a base chain. */
    RETURN,
    /** On to the next rule. */
    CONTINUE;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Runs a regular chain and comes back behind this rule. */
  record Jump(String chain) implements NftVerdict {
    public Jump {
      NftName.check("chain", chain);
    }

    @Override
    public String toString() {
      return "jump " + chain;
    }
  }

  /** Runs a regular chain and comes back to where the current one was called. */
  record Goto(String chain) implements NftVerdict {
    public Goto {
      NftName.check("chain", chain);
    }

    @Override
    public String toString() {
      return "goto " + chain;
    }
  }
}
