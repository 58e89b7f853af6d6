package io.portolan.linux.nft.kernel;

import static io.portolan.linux.nft.NftStatement.accept;
import static io.portolan.linux.nft.NftStatement.equal;

import io.portolan.linux.netns.NetworkNamespace;
import io.portolan.linux.nft.NftChain;
import io.portolan.linux.nft.NftElement;
import io.portolan.linux.nft.NftFamily;
import io.portolan.linux.nft.NftSet;
import io.portolan.linux.nft.NftTable;
import io.portolan.linux.nft.NftTransaction;
import io.portolan.linux.nft.NftType;
import io.portolan.linux.nft.NftValue;
import io.portolan.linux.nft.PayloadField;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What a commit costs, beside {@code nft -f -} with the same script, in one run.
 *
 * <p>Run by hand: {@code java -cp … io.portolan.linux.nft.kernel.NftBenchmark}, as root.
 */
public final class NftBenchmark {
  private static final NftTable TABLE = NftTable.of(NftFamily.INET, "bench");
  private static final NftSet SET = NftSet.of("s", NftType.IPV4_ADDR);

  private final Nft nft;
  private final KernelNftTables tables;

  private NftBenchmark(NetworkNamespace namespace, KernelNftTables tables) {
    this.nft = new Nft(namespace);
    this.tables = tables;
  }

  public static void main(String[] arguments) {
    try (NetworkNamespace namespace = NetworkNamespace.anonymous();
        KernelNftTables tables = KernelNftTables.open(namespace)) {
      NftBenchmark benchmark = new NftBenchmark(namespace, tables);
      for (int round = 0; round < 2; round++) {
        System.out.println(round == 0 ? "-- warming up" : "-- measured");
        benchmark.run();
      }
    }
  }

  private void run() {
    for (int n : new int[] {1, 100, 10_000}) {
      int times = n == 10_000 ? 20 : 200;
      compare(n + " elements", times, add(n), NftTransaction.on(TABLE).flushSet("s").build());
    }
    commit(add(10_000));
    NftTransaction more = elements(0x0b000000, 1);
    compare(
        "1 element into 10,000",
        200,
        more,
        NftTransaction.on(TABLE)
            .deleteElements(SET, List.of(NftElement.of(NftValue.ipv4(0x0b000000))))
            .build());
    measure("read back 10,000 elements", 20, () -> tables.elements(TABLE, SET), () -> {});
    NftTransaction.Builder chains = NftTransaction.on(TABLE);
    for (int i = 0; i < 1_000; i++) {
      String chain = "policy-" + i;
      chains.addChain(NftChain.regular(chain));
      for (int rule = 0; rule < 3; rule++) {
        NftValue peer = NftValue.ipv4(0x0a000000 + (rule << 16) + i);
        chains.addRule(chain, equal(PayloadField.IP_SADDR, peer), accept());
      }
    }
    compare(
        "1,000 chains x 3 rules",
        10,
        chains.build(),
        NftTransaction.on(TABLE).destroyTable().addTable().build());
  }

  private static NftTransaction add(int n) {
    return elements(0x0a000000, n);
  }

  private static NftTransaction elements(int first, int n) {
    return NftTransaction.on(TABLE)
        .addElements(
            SET,
            IntStream.range(0, n).mapToObj(i -> NftElement.of(NftValue.ipv4(first + i))).toList())
        .build();
  }

  private void compare(String what, int times, NftTransaction work, NftTransaction undo) {
    commit(NftTransaction.on(TABLE).addTable().addSet(SET).build());
    commit(work);
    commit(undo);
    measure(what + ", netlink", times, () -> commit(work), () -> commit(undo));
    String script = work.toString();
    measure(
        what + ", nft -f -",
        Math.min(times, 20),
        () -> nft.run(script, "-f", "-"),
        () -> commit(undo));
  }

  private void commit(NftTransaction transaction) {
    tables.commit(transaction).orThrow();
  }

  private static void measure(String what, int times, Runnable work, Runnable after) {
    long[] nanos = new long[times];
    for (int i = 0; i < times; i++) {
      long start = System.nanoTime();
      work.run();
      nanos[i] = System.nanoTime() - start;
      after.run();
    }
    Arrays.sort(nanos);
    System.out.printf(
        "%-36s n=%-4d p50 %9.3f ms  p90 %9.3f ms  max %9.3f ms%n",
        what, times, nanos[times / 2] / 1e6, nanos[times * 9 / 10] / 1e6, nanos[times - 1] / 1e6);
  }
}
