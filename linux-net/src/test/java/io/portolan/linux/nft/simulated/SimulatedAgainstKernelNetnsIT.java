package io.portolan.linux.nft.simulated;

import static org.assertj.core.api.Assertions.assertThat;

import io.portolan.linux.netns.NetworkNamespace;
import io.portolan.linux.nft.MetaField;
import io.portolan.linux.nft.NftChain;
import io.portolan.linux.nft.NftCommand;
import io.portolan.linux.nft.NftCounter;
import io.portolan.linux.nft.NftElement;
import io.portolan.linux.nft.NftFamily;
import io.portolan.linux.nft.NftHook;
import io.portolan.linux.nft.NftInterval;
import io.portolan.linux.nft.NftListing;
import io.portolan.linux.nft.NftOutcome;
import io.portolan.linux.nft.NftRule;
import io.portolan.linux.nft.NftSet;
import io.portolan.linux.nft.NftStatement;
import io.portolan.linux.nft.NftTable;
import io.portolan.linux.nft.NftTransaction;
import io.portolan.linux.nft.NftType;
import io.portolan.linux.nft.NftValue;
import io.portolan.linux.nft.NftVerdict;
import io.portolan.linux.nft.PayloadField;
import io.portolan.linux.nft.kernel.KernelNftTables;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** The same random transactions, given to the simulation and to the kernel. */
class SimulatedAgainstKernelNetnsIT {
  private static final int TRANSACTIONS = 1_000;
  static final NftTable TABLE = NftTable.of(NftFamily.INET, "t");
  private static final NftSet PLAIN = NftSet.of("plain", NftType.IPV4_ADDR);
  private static final NftSet RANGES = NftSet.of("ranges", NftType.IPV4_ADDR).interval();
  private static final NftSet SERVICES =
      NftSet.of("services", NftType.IPV4_ADDR, NftType.INET_PROTO, NftType.INET_SERVICE).interval();
  private static final NftSet VERDICTS = NftSet.verdictMap("verdicts", NftType.IPV4_ADDR);
  private static final List<NftSet> SETS = List.of(PLAIN, RANGES, SERVICES, VERDICTS);

  @Test
  void outcomesAndListingsAgree() {
    int committed = compare(SimulatedAgainstKernelNetnsIT::transaction);
    assertThat(committed).isBetween(TRANSACTIONS / 20, TRANSACTIONS * 19 / 20);
  }

  /** Loops and deep nesting are rare above; here there is hardly anything else. */
  @Test
  void refusalsOfJumpsAgree() {
    int committed = compare(JumpTransactions::next);
    assertThat(committed).isBetween(TRANSACTIONS / 20, TRANSACTIONS * 19 / 20);
  }

  private static int compare(Function<Random, NftTransaction> transactions) {
    long seed = Long.getLong("portolan.seed", System.nanoTime());
    System.out.println("seed " + seed + " (replay with -Dportolan.seed=" + seed + ")");
    Random random = new Random(seed);
    SimulatedNftTables simulated = new SimulatedNftTables();
    int committed = 0;
    try (NetworkNamespace namespace = NetworkNamespace.anonymous();
        KernelNftTables kernel = KernelNftTables.open(namespace)) {
      for (int i = 0; i < TRANSACTIONS; i++) {
        NftTransaction transaction = transactions.apply(random);
        String before = simulated.toString();
        NftOutcome expected = simulated.commit(transaction);
        NftOutcome actual = kernel.commit(transaction);
        assertThat(essence(actual))
            .as("seed %d, transaction %d:%n%s%non%n%s", seed, i, transaction, before)
            .isEqualTo(essence(expected));
        committed += expected.isCommitted() ? 1 : 0;
        if (expected.isCommitted() && i % 4 == 0) {
          assertThat(kernel.read(TABLE).map(SimulatedAgainstKernelNetnsIT::byName))
              .as("seed %d, after transaction %d:%n%s", seed, i, transaction)
              .isEqualTo(simulated.read(TABLE).map(SimulatedAgainstKernelNetnsIT::byName));
        }
      }
    }
    return committed;
  }

  /** Which command was refused and with which errno; the words may differ. */
  private static String essence(NftOutcome outcome) {
    return outcome instanceof NftOutcome.Refused refused
        ? "refused " + refused.index() + " errno " + refused.errno()
        : outcome.toString();
  }

  private static String byName(NftListing listing) {
    return new NftListing(
            listing.table(),
            listing.counters().stream()
                .sorted(Comparator.comparing(c -> c.counter().name()))
                .toList(),
            listing.sets().stream().sorted(Comparator.comparing(s -> s.set().name())).toList(),
            listing.chains().stream().sorted(Comparator.comparing(c -> c.chain().name())).toList(),
            listing.foreign())
        .toString();
  }

  private static NftTransaction transaction(Random random) {
    NftTransaction.Builder builder = NftTransaction.on(TABLE);
    if (random.nextInt(200) == 0) {
      builder.destroyTable();
    }
    if (random.nextInt(4) > 0) {
      builder.addTable();
    }
    int commands = 1 + random.nextInt(4);
    for (int i = 0; i < commands; i++) {
      builder.with(command(random));
    }
    return builder.build();
  }

  private static NftCommand command(Random random) {
    NftSet set = SETS.get(random.nextInt(SETS.size()));
    return switch (random.nextInt(16)) {
      case 0, 1 -> new NftCommand.AddChain(NftChain.regular(regular(random)));
      case 2 ->
          new NftCommand.AddChain(
              NftChain.base(
                  "base",
                  NftChain.Type.FILTER,
                  NftHook.FORWARD,
                  random.nextInt(10) == 0 ? 1 : 0,
                  random.nextBoolean() ? NftChain.Policy.DROP : NftChain.Policy.ACCEPT));
      case 3 -> new NftCommand.DeleteChain(chain(random));
      case 4 -> new NftCommand.FlushChain(chain(random));
      case 5 -> new NftCommand.DestroyChain(regular(random));
      case 6, 7 -> new NftCommand.AddSet(set);
      case 8 -> new NftCommand.DeleteSet(set.name());
      case 9 -> new NftCommand.FlushSet(set.name());
      case 10, 11 -> new NftCommand.AddElements(set, List.of(element(set, random)));
      case 12 -> new NftCommand.CreateElements(set, List.of(element(set, random)));
      case 13 -> new NftCommand.DeleteElements(set, List.of(element(set, random)));
      case 14 ->
          random.nextInt(3) > 0
              ? new NftCommand.AddCounter(NftCounter.of("k"))
              : new NftCommand.DeleteCounter("k");
      default ->
          random.nextBoolean()
              ? new NftCommand.AddRule(chain(random), rule(random))
              : new NftCommand.InsertRule(chain(random), rule(random));
    };
  }

  private static String regular(Random random) {
    return "c" + random.nextInt(4);
  }

  private static String chain(Random random) {
    return random.nextInt(4) == 0 ? "base" : regular(random);
  }

  private static NftRule rule(Random random) {
    NftStatement statement =
        switch (random.nextInt(6)) {
          case 0 -> NftStatement.lookup("plain", PayloadField.IP_SADDR);
          case 1 -> NftStatement.notIn("ranges", PayloadField.IP_DADDR);
          case 2 ->
              NftStatement.lookup(
                  "services", PayloadField.IP_SADDR, MetaField.L4PROTO, PayloadField.TH_DPORT);
          case 3 -> NftStatement.verdictMap("verdicts", PayloadField.IP_SADDR);
          case 4 -> new NftStatement.CountInto("k");
          default -> NftStatement.jump(chain(random));
        };
    return NftRule.of(statement);
  }

  /**
   * Ranges of a grid, and now and then one across it. None begins where one of the grid begins and
   * ends where another ends: the kernel deletes by the two ends, and would take them for one range.
   */
  private static NftElement element(NftSet set, Random random) {
    int n = random.nextInt(6);
    NftValue address = NftValue.ipv4(0x0a000000 + 10 * n);
    NftInterval grid = new NftInterval(address, NftValue.ipv4(0x0a000000 + 10 * n + 5));
    NftInterval across =
        new NftInterval(NftValue.ipv4(0x0a000003), NftValue.ipv4(0x0a000000 + 10 * (1 + n) + 2));
    if (set.equals(VERDICTS)) {
      NftVerdict verdict = random.nextBoolean() ? NftVerdict.DROP : NftVerdict.jump(chain(random));
      return NftElement.mapping(verdict, address);
    }
    if (set.equals(PLAIN)) {
      return NftElement.of(address);
    }
    return set.equals(RANGES)
        ? NftElement.of(random.nextInt(6) == 0 ? across : grid)
        : NftElement.of(
            grid,
            NftValue.protocol(6),
            NftInterval.of(NftValue.port(n * 10), NftValue.port(n * 10 + random.nextInt(3))));
  }
}
