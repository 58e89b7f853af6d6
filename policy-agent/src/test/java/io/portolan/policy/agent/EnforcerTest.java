package io.portolan.policy.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.portolan.common.net.IpAddress;
import io.portolan.linux.nft.NftCommand;
import io.portolan.linux.nft.NftTransaction;
import io.portolan.linux.nft.simulated.SimulatedNftTables;
import io.portolan.policy.compile.RandomCluster;
import io.portolan.policy.compile.Removals;
import io.portolan.policy.model.ClusterChange;
import io.portolan.policy.model.LocalPod;
import io.portolan.policy.model.PodName;
import io.portolan.policy.nft.DesiredTable;
import io.portolan.policy.nft.Generation;
import io.portolan.policy.nft.Skeleton;
import io.portolan.policy.nft.TableDiff;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The enforcer over simulated tables: failures, restarts and the numbers of generations. */
class EnforcerTest {
  private final long seed = Long.getLong("portolan.seed", System.nanoTime());
  private final SimulatedNftTables kernel = new SimulatedNftTables();
  private final RecordingObserver observer = new RecordingObserver();
  private int cleared;

  @Test
  void whatTheKernelRefusesIsMadeUpForLater() throws Exception {
    for (int round = 0; round < 50; round++) {
      Random random = new Random(seed + round);
      SimulatedNftTables tables = new SimulatedNftTables();
      Enforcer enforcer = enforcer(tables);
      enforcer.start();
      enforcer.synced();
      List<ClusterChange> present = List.of();
      for (int state = 0; state < 4; state++) {
        List<ClusterChange> next = RandomCluster.draw(random).changes();
        List<ClusterChange> steps = new ArrayList<>(Removals.between(present, next));
        steps.addAll(next);
        Collections.shuffle(steps, random);
        for (ClusterChange step : steps) {
          boolean refuses = random.nextInt(3) == 0;
          tables.refuse(_ -> refuses);
          enforcer.apply(step);
          enforcer.commit();
        }
        tables.refuse(_ -> false);
        next.forEach(enforcer::apply);
        assertThat(enforcer.commit()).isTrue();
        enforcer.proveGeneration();
        observer.take();
        enforcer.audit();
        assertThat(observer.take()).as("seed %d", seed + round).isEmpty();
        present = next;
      }
    }
  }

  @Test
  void nothingIsRemovedBeforeTheClusterIsKnown() throws Exception {
    Enforcer first = enforcer(kernel);
    first.start();
    List<ClusterChange> cluster = RandomCluster.draw(new Random(seed)).changes();
    cluster.forEach(first::apply);
    first.synced();
    first.commit();
    String enforced = kernel.toString();

    Enforcer restarted = enforcer(kernel);
    restarted.start();
    assertThat(restarted.commit()).isTrue();
    assertThat(kernel).hasToString(enforced);
    cluster.forEach(restarted::apply);
    restarted.synced();
    observer.take();
    restarted.commit();
    assertThat(kernel).hasToString(enforced);
    assertThat(observer.take()).isEmpty();
  }

  @Test
  void aPodCanBeIsolatedBeforeTheClusterIsKnown() {
    Enforcer enforcer = enforcer(kernel);
    enforcer.start();
    enforcer.isolate(
        new LocalPod(
            new PodName("shop", "web"), "uid", "vweb", List.of(IpAddress.parse("10.0.0.1"))));
    assertThat(kernel.toString())
        .containsPattern("map egress4 \\{[^}]*10\\.0\\.0\\.1 : jump isolated")
        .containsPattern("map ingress4 \\{[^}]*10\\.0\\.0\\.1 : jump isolated");
  }

  @Test
  void numbersBeginAnewOnlyAfterOldStampsAreCleared() {
    Enforcer enforcer = enforcer(kernel);
    enforcer.start();
    enforcer.synced();
    assertThat(cleared).isZero();
    enforcer.commit();
    assertThat(cleared).isEqualTo(1);
    assertThat(kernel.toString()).contains("elements = { 0x00010000,");

    DesiredTable last = new DesiredTable();
    Skeleton.build(last);
    new Generation(0xffff).write(last);
    kernel.commit(TableDiff.rebuild(Skeleton.TABLE, last.image())).orThrow();
    Enforcer next = enforcer(kernel);
    next.start();
    next.synced();
    next.apply(
        new ClusterChange.PodWired(
            new LocalPod(
                new PodName("shop", "web"), "uid", "vweb", List.of(IpAddress.parse("10.0.0.1")))));
    next.commit();
    assertThat(cleared).isEqualTo(2);
    assertThat(kernel.toString()).contains("elements = { 0x00010000,");
  }

  /** What a packet under way may still look into stays until it must be through. */
  @Test
  void whatNothingLeadsToGoesWithTheProof() throws Exception {
    Enforcer enforcer = enforcer(kernel);
    enforcer.start();
    enforcer.synced();
    enforcer.commit();
    enforcer.proveGeneration();
    String empty = numberless(kernel);
    List<ClusterChange> cluster = RandomCluster.draw(new Random(seed)).changes();
    cluster.forEach(enforcer::apply);
    enforcer.commit();
    enforcer.proveGeneration();
    Set<String> full = objects(kernel);
    Removals.between(cluster, List.of()).forEach(enforcer::apply);
    enforcer.commit();
    assertThat(objects(kernel)).as("seed %d", seed).isEqualTo(full);
    assertThat(enforcer.isGenerationUnproven()).isTrue();
    enforcer.proveGeneration();
    assertThat(numberless(kernel)).as("seed %d", seed).isEqualTo(empty);
  }

  private static String numberless(SimulatedNftTables tables) {
    return tables.toString().replaceAll("0x[0-9a-f]{8}", "0x");
  }

  private static Set<String> objects(SimulatedNftTables tables) {
    return tables
        .toString()
        .lines()
        .map(String::strip)
        .filter(line -> line.matches("(chain|set|map) .*"))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  @Test
  void onlyWhatMayDenyRaisesTheGeneration() {
    DesiredTable table = new DesiredTable();
    Skeleton.build(table);
    assertThat(Generation.mustFollow(table.pending(Skeleton.TABLE), _ -> false)).isFalse();
    NftTransaction grows = NftTransaction.on(Skeleton.TABLE).addSet(Skeleton.PODS).build();
    assertThat(Generation.mustFollow(grows, _ -> false)).isFalse();
    assertThat(
            Generation.mustFollow(
                new NftTransaction(
                    Skeleton.TABLE, List.of(new NftCommand.FlushChain(Skeleton.SPARED))),
                _ -> false))
        .isTrue();
  }

  private Enforcer enforcer(SimulatedNftTables tables) {
    return new Enforcer(tables, () -> cleared++, observer, InstantSource.fixed(Instant.EPOCH));
  }
}
