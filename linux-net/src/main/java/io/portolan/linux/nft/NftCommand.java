package io.portolan.linux.nft;

import java.util.List;

/**
 * One step of a transaction, within its table.
 *
 * <p>Add is idempotent, create fails on what exists, delete fails on what does not, destroy does
 * not care (it is programmed as add and delete, which every kernel understands).
 */
public sealed interface NftCommand {

  /** Creates the transaction's table if it does not exist; its comment is set then only. */
  record AddTable() implements NftCommand {}

  /** Deletes the table with all it holds; ENOENT if it does not exist. */
  record DeleteTable() implements NftCommand {}

  /** Deletes the table if it exists. */
  record DestroyTable() implements NftCommand {}

  /**
   * Creates the chain if it does not exist. An existing base chain only has its policy changed;
   * EOPNOTSUPP if it hangs on another hook, EEXIST if it is a regular chain.
   */
  record AddChain(NftChain chain) implements NftCommand {}

  /** Deletes all rules of a chain. */
  record FlushChain(String chain) implements NftCommand {
    public FlushChain {
      NftName.check("chain", chain);
    }
  }

  /** Deletes an empty chain that nothing jumps to; else EBUSY. */
  record DeleteChain(String chain) implements NftCommand {
    public DeleteChain {
      NftName.check("chain", chain);
    }
  }

  /** Flushes and deletes a regular chain if it exists; EBUSY if something jumps to it. */
  record DestroyChain(String chain) implements NftCommand {
    public DestroyChain {
      NftName.check("chain", chain);
    }
  }

  /** Creates the set if it does not exist; EEXIST if one of another shape does. */
  record AddSet(NftSet set) implements NftCommand {}

  /** Deletes all elements of a set. */
  record FlushSet(String set) implements NftCommand {
    public FlushSet {
      NftName.check("set", set);
    }
  }

  /** Deletes a set that no rule uses, elements and all; else EBUSY. */
  record DeleteSet(String set) implements NftCommand {
    public DeleteSet {
      NftName.check("set", set);
    }
  }

  /**
   * Adds elements. An existing one is left as it is; EEXIST if it maps to other data, or overlaps
   * in an interval set.
   *
   * <p>In a concatenation with ranges the kernel only looks whether the first or the last values
   * are covered already: it refuses 10.1.0.0/16 . 80 beside 10.0.0.0/8 . 80, and lets the two in
   * when they come the other way round. Give it disjoint elements.
   *
   * @param set the set as it was added: its type decides how elements are written
   */
  record AddElements(NftSet set, List<NftElement> elements) implements NftCommand {
    public AddElements {
      elements = checked(set, elements);
    }
  }

  /** Adds elements; EEXIST if one exists. */
  record CreateElements(NftSet set, List<NftElement> elements) implements NftCommand {
    public CreateElements {
      elements = checked(set, elements);
    }
  }

  /**
   * Deletes elements; ENOENT if one does not exist. Only the keys matter.
   *
   * <p>In a concatenation with ranges the kernel (6.18) looks for the first values alone and
   * deletes the element that covers them, even one that ends elsewhere: delete what was added.
   */
  record DeleteElements(NftSet set, List<NftElement> elements) implements NftCommand {
    public DeleteElements {
      elements = List.copyOf(elements);
    }
  }

  /** Adds a rule at the end of its chain. */
  record AddRule(String chain, NftRule rule) implements NftCommand {
    public AddRule {
      NftName.check("chain", chain);
    }
  }

  /** Puts a rule at the head of its chain. */
  record InsertRule(String chain, NftRule rule) implements NftCommand {
    public InsertRule {
      NftName.check("chain", chain);
    }
  }

  /** Puts a rule behind the one with that handle. */
  record AddRuleAfter(String chain, long handle, NftRule rule) implements NftCommand {
    public AddRuleAfter {
      NftName.check("chain", chain);
    }
  }

  /** Puts a rule before the one with that handle. */
  record InsertRuleBefore(String chain, long handle, NftRule rule) implements NftCommand {
    public InsertRuleBefore {
      NftName.check("chain", chain);
    }
  }

  /** Puts a rule in the place of the one with that handle. */
  record ReplaceRule(String chain, long handle, NftRule rule) implements NftCommand {
    public ReplaceRule {
      NftName.check("chain", chain);
    }
  }

  /** Deletes the rule with that handle. */
  record DeleteRule(String chain, long handle) implements NftCommand {
    public DeleteRule {
      NftName.check("chain", chain);
    }
  }

  /** Creates a named counter if it does not exist. */
  record AddCounter(NftCounter counter) implements NftCommand {}

  /** Deletes a named counter that no rule counts into; else EBUSY. */
  record DeleteCounter(String counter) implements NftCommand {
    public DeleteCounter {
      NftName.check("counter", counter);
    }
  }

  private static List<NftElement> checked(NftSet set, List<NftElement> elements) {
    elements.forEach(set::check);
    return List.copyOf(elements);
  }
}
