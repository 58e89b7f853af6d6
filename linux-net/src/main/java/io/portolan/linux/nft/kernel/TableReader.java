package io.portolan.linux.nft.kernel;

import io.portolan.linux.netlink.AttributeReader;
import io.portolan.linux.netlink.AttributeWriter;
import io.portolan.linux.netlink.NetlinkException;
import io.portolan.linux.netlink.NetlinkSocket;
import io.portolan.linux.nft.NftCount;
import io.portolan.linux.nft.NftListing;
import io.portolan.linux.nft.NftListing.ListedChain;
import io.portolan.linux.nft.NftListing.ListedCounter;
import io.portolan.linux.nft.NftListing.ListedElement;
import io.portolan.linux.nft.NftListing.ListedRule;
import io.portolan.linux.nft.NftListing.ListedSet;
import io.portolan.linux.nft.NftRule;
import io.portolan.linux.nft.NftSet;
import io.portolan.linux.nft.NftTable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** Lists what a table holds. */
final class TableReader {
  private static final int CONSISTENT_ATTEMPTS = 20;

  private final NetlinkSocket socket;

  TableReader(NetlinkSocket socket) {
    this.socket = socket;
  }

  long generation() {
    return socket
        .<Long>query(
            Nfnl.GET_GEN,
            () -> "nftables generation",
            out -> header(out, 0),
            (message, found) -> {
              AttributeReader in = message.attributes(Nfnl.HEADER_BYTES);
              while (in.next()) {
                if (in.type() == Nfnl.GEN_ID) {
                  found.accept(Integer.toUnsignedLong(in.u32BigEndian()));
                }
              }
            })
        .getFirst();
  }

  /**
   * Reads objects by several requests, and again if the ruleset changed between the first and the
   * last.
   */
  Optional<NftListing> read(NftTable table) {
    for (int attempt = 0; attempt < CONSISTENT_ATTEMPTS; attempt++) {
      long before = generation();
      Optional<NftListing> listing = readOnce(table);
      if (generation() == before) {
        return listing;
      }
    }
    throw new IllegalStateException(
        "table "
            + table.id()
            + " could not be read: the ruleset changed during each of "
            + CONSISTENT_ATTEMPTS
            + " attempts");
  }

  private Optional<NftListing> readOnce(NftTable table) {
    Optional<NftTable> found = table(table);
    if (found.isEmpty()) {
      return Optional.empty();
    }
    List<String> foreign = new ArrayList<>();
    List<ListedCounter> counters = new ArrayList<>();
    for (ObjectCodec.ReadObject object : objects(table)) {
      object.counter().ifPresentOrElse(counters::add, () -> foreign.add("object " + object.name()));
    }
    List<ListedSet> sets = new ArrayList<>();
    for (SetCodec.ReadSet set : sets(table)) {
      if (set.set().isPresent()) {
        sets.add(new ListedSet(set.set().get(), elements(table, set.set().get())));
      } else {
        foreign.add("set " + set.name());
      }
    }
    Map<String, List<ListedRule>> rules = rules(table);
    List<ListedChain> chains = new ArrayList<>();
    for (ChainCodec.ReadChain chain : chains(table)) {
      if (chain.chain().isPresent()) {
        chains.add(
            new ListedChain(chain.chain().get(), rules.getOrDefault(chain.name(), List.of())));
      } else {
        foreign.add("chain " + chain.name());
      }
    }
    return Optional.of(new NftListing(found.get(), counters, sets, chains, foreign));
  }

  private Optional<NftTable> table(NftTable table) {
    return get(
        Nfnl.GET_TABLE,
        table,
        "get table " + table.id(),
        out -> out.string(Nfnl.TABLE_NAME, table.name()),
        (in, found) -> {
          Optional<String> comment = Optional.empty();
          while (in.next()) {
            if (in.type() == Nfnl.TABLE_USERDATA) {
              comment = UserData.text(in.bytes(), UserData.COMMENT);
            }
          }
          found.accept(new NftTable(table.family(), table.name(), comment));
        });
  }

  List<ListedCounter> counters(NftTable table) {
    return objects(table).stream().flatMap(object -> object.counter().stream()).toList();
  }

  /**
   * One counter by one request. The kernel also resets all of a listing, but a listing that is
   * begun anew because the ruleset changed would lose what its first attempt had set to zero.
   */
  Optional<NftCount> resetCounter(NftTable table, String counter) {
    return get(
        Nfnl.GET_OBJ_RESET,
        table,
        "reset counter " + table.id() + " " + counter,
        out ->
            out.string(Nfnl.OBJ_TABLE, table.name())
                .string(Nfnl.OBJ_NAME, counter)
                .u32BigEndian(Nfnl.OBJ_TYPE, Nfnl.OBJ_COUNTER),
        (in, found) -> ObjectCodec.read(in).counter().map(ListedCounter::count).ifPresent(found));
  }

  private List<ObjectCodec.ReadObject> objects(NftTable table) {
    return this.<ObjectCodec.ReadObject>dump(
            Nfnl.GET_OBJ,
            table,
            "objects",
            out -> out.string(Nfnl.OBJ_TABLE, table.name()),
            (in, found) -> found.accept(ObjectCodec.read(in)))
        .stream()
        .filter(read -> read.table().equals(table.name()))
        .toList();
  }

  private List<SetCodec.ReadSet> sets(NftTable table) {
    return this.<SetCodec.ReadSet>dump(
            Nfnl.GET_SET,
            table,
            "sets",
            out -> out.string(Nfnl.SET_TABLE, table.name()),
            (in, found) -> found.accept(SetCodec.read(in)))
        .stream()
        .filter(read -> read.table().equals(table.name()))
        .toList();
  }

  List<ListedElement> elements(NftTable table, NftSet set) {
    List<ElementCodec.Raw> raw =
        dump(
            Nfnl.GET_SET_ELEM,
            table,
            "elements of " + set.name(),
            out ->
                out.string(Nfnl.ELEM_LIST_TABLE, table.name())
                    .string(Nfnl.ELEM_LIST_SET, set.name()),
            (in, found) -> ElementCodec.read(in, set, found));
    return ElementCodec.assemble(set, raw);
  }

  private List<ChainCodec.ReadChain> chains(NftTable table) {
    return this.<ChainCodec.ReadChain>dump(
            Nfnl.GET_CHAIN,
            table,
            "chains",
            out -> {},
            (in, found) -> found.accept(ChainCodec.read(in)))
        .stream()
        .filter(read -> read.table().equals(table.name()))
        .toList();
  }

  private record ReadRule(String chain, ListedRule rule) {}

  private Map<String, List<ListedRule>> rules(NftTable table) {
    List<ReadRule> all =
        dump(
            Nfnl.GET_RULE,
            table,
            "rules",
            out -> out.string(Nfnl.RULE_TABLE, table.name()),
            (in, found) -> rule(table, in, found));
    Map<String, List<ListedRule>> byChain = new HashMap<>();
    for (ReadRule rule : all) {
      byChain.computeIfAbsent(rule.chain(), _ -> new ArrayList<>()).add(rule.rule());
    }
    return byChain;
  }

  private static void rule(NftTable table, AttributeReader in, Consumer<ReadRule> found) {
    String tableName = "";
    String chain = "";
    long handle = 0;
    List<NftExpression> expressions = List.of();
    byte[] userData = new byte[0];
    while (in.next()) {
      switch (in.type()) {
        case Nfnl.RULE_TABLE -> tableName = in.string();
        case Nfnl.RULE_CHAIN -> chain = in.string();
        case Nfnl.RULE_HANDLE -> handle = in.u64BigEndian();
        case Nfnl.RULE_EXPRESSIONS -> expressions = ExpressionReader.list(in.nested());
        case Nfnl.RULE_USERDATA -> userData = in.bytes();
        default -> {}
      }
    }
    if (tableName.equals(table.name())) {
      NftRule rule =
          new NftRule(
              RuleRaising.raise(table.family(), expressions),
              UserData.text(userData, UserData.COMMENT));
      found.accept(new ReadRule(chain, new ListedRule(handle, rule)));
    }
  }

  /** Decodes the attributes of one message. */
  private interface Decoder<T> {
    void decode(AttributeReader in, Consumer<T> found);
  }

  /** One object; empty if it or its table is absent. */
  private <T> Optional<T> get(
      int type, NftTable table, String what, Consumer<AttributeWriter> key, Decoder<T> decoder) {
    try {
      return socket
          .<T>query(
              type,
              () -> what,
              out -> {
                header(out, table.family().number());
                key.accept(out);
              },
              (message, found) -> decoder.decode(message.attributes(Nfnl.HEADER_BYTES), found))
          .stream()
          .findFirst();
    } catch (NetlinkException e) {
      if (KernelNftTables.isAbsent(e)) {
        return Optional.empty();
      }
      throw e;
    }
  }

  private <T> List<T> dump(
      int type, NftTable table, String what, Consumer<AttributeWriter> filter, Decoder<T> decoder) {
    return socket.dump(
        type,
        () -> "list " + what + " of table " + table.id(),
        out -> {
          header(out, table.family().number());
          filter.accept(out);
        },
        (message, found) -> decoder.decode(message.attributes(Nfnl.HEADER_BYTES), found));
  }

  private static void header(AttributeWriter out, int family) {
    out.byteField(family).byteField(0).shortFieldBigEndian(0);
  }
}
