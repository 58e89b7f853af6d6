package io.portolan.linux.nft;

import io.portolan.linux.nft.NftCommand.AddChain;
import io.portolan.linux.nft.NftCommand.AddCounter;
import io.portolan.linux.nft.NftCommand.AddElements;
import io.portolan.linux.nft.NftCommand.AddRule;
import io.portolan.linux.nft.NftCommand.AddSet;
import io.portolan.linux.nft.NftCommand.AddTable;
import io.portolan.linux.nft.NftCommand.DeleteChain;
import io.portolan.linux.nft.NftCommand.DeleteElements;
import io.portolan.linux.nft.NftCommand.DeleteSet;
import io.portolan.linux.nft.NftCommand.DestroyTable;
import io.portolan.linux.nft.NftCommand.FlushChain;
import io.portolan.linux.nft.NftCommand.FlushSet;
import java.util.ArrayList;
import java.util.List;

/**
 * Commands on one table, applied in order and all or none.
 *
 * @param commands executed from first to last; a chain or set is added before what refers to it
 */
public record NftTransaction(NftTable table, List<NftCommand> commands) {
  public NftTransaction {
    commands = List.copyOf(commands);
  }

  public static Builder on(NftTable table) {
    return new Builder(table);
  }

  public boolean isEmpty() {
    return commands.isEmpty();
  }

  /** These commands, then those of the other transaction on the same table. */
  public NftTransaction then(NftTransaction next) {
    if (!table.sameAs(next.table)) {
      throw new IllegalArgumentException(
          "one transaction, one table: " + table.id() + " and " + next.table.id());
    }
    return on(table).all(commands).all(next.commands).build();
  }

  /** As a script that {@code nft -f} takes. */
  @Override
  public String toString() {
    return NftText.script(this);
  }

  /** Collects commands; used by one thread. */
  public static final class Builder {
    private final NftTable table;
    private final List<NftCommand> commands = new ArrayList<>();

    private Builder(NftTable table) {
      this.table = table;
    }

    public Builder with(NftCommand command) {
      commands.add(command);
      return this;
    }

    public Builder all(List<? extends NftCommand> more) {
      commands.addAll(more);
      return this;
    }

    public Builder addTable() {
      return with(new AddTable());
    }

    public Builder destroyTable() {
      return with(new DestroyTable());
    }

    public Builder addChain(NftChain chain) {
      return with(new AddChain(chain));
    }

    public Builder flushChain(String chain) {
      return with(new FlushChain(chain));
    }

    public Builder deleteChain(String chain) {
      return with(new DeleteChain(chain));
    }

    public Builder addSet(NftSet set) {
      return with(new AddSet(set));
    }

    public Builder flushSet(String set) {
      return with(new FlushSet(set));
    }

    public Builder deleteSet(String set) {
      return with(new DeleteSet(set));
    }

    /** No command at all when there are no elements. */
    public Builder addElements(NftSet set, List<NftElement> elements) {
      return elements.isEmpty() ? this : with(new AddElements(set, elements));
    }

    public Builder addElements(NftSet set, NftElement... elements) {
      return addElements(set, List.of(elements));
    }

    /** No command at all when there are no elements. */
    public Builder deleteElements(NftSet set, List<NftElement> elements) {
      return elements.isEmpty() ? this : with(new DeleteElements(set, elements));
    }

    public Builder addRule(String chain, NftRule rule) {
      return with(new AddRule(chain, rule));
    }

    public Builder addRule(String chain, NftStatement... statements) {
      return addRule(chain, NftRule.of(statements));
    }

    public Builder addCounter(NftCounter counter) {
      return with(new AddCounter(counter));
    }

    public NftTransaction build() {
      return new NftTransaction(table, commands);
    }
  }
}
