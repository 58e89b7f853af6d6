package io.portolan.policy.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.portolan.linux.nft.NftCommand;
import io.portolan.linux.nft.NftListing;
import io.portolan.linux.nft.NftOutcome;
import io.portolan.linux.nft.NftStatement;
import io.portolan.linux.nft.NftTable;
import io.portolan.linux.nft.NftTables;
import io.portolan.linux.nft.NftTransaction;
import io.portolan.linux.nft.simulated.SimulatedNftTables;
import io.portolan.policy.compile.RandomCluster;
import io.portolan.policy.model.ClusterChange;
import io.portolan.policy.model.Policy;
import io.portolan.policy.model.PolicyId;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** A kernel that refuses the rules of some policies: those are closed, all others are in force. */
class RefusedPoliciesTest {
  private static final List<NftStatement> CLOSED =
      List.of(NftStatement.counter(), NftStatement.drop());

  private final long seed = Long.getLong("portolan.seed", System.nanoTime());
  private final RecordingObserver observer = new RecordingObserver();

  @Test
  void allButTheRefusedAreInForce() throws Exception {
    int found = 0;
    for (int round = 0; round < 200; round++) {
      Random random = new Random(seed + round);
      List<ClusterChange> cluster = RandomCluster.drawTiered(random).changes();
      Set<PolicyId> refused = new TreeSet<>();
      policies(cluster).stream()
          .filter(_ -> random.nextInt(4) == 0)
          .forEach(p -> refused.add(p.id()));
      SimulatedNftTables kernel = new SimulatedNftTables();
      Enforcer enforcer = started(random.nextBoolean() ? kernel : new Silent(kernel));
      List<ClusterChange> steps = new ArrayList<>(cluster);
      Collections.shuffle(steps, random);
      boolean grows = random.nextBoolean();
      kernel.refuse(command -> concerns(command, refused));
      for (ClusterChange step : steps) {
        enforcer.apply(step);
        if (grows) {
          assertThat(enforcer.commit()).as("seed %d", seed + round).isTrue();
        }
      }
      cluster.forEach(enforcer::apply);
      assertThat(enforcer.commit()).as("seed %d", seed + round).isTrue();
      enforcer.proveGeneration();
      Set<PolicyId> out = Set.copyOf(enforcer.leftOut().keySet());
      assertThat(refused).as("seed %d", seed + round).containsAll(out);
      found += out.size();
      // The same as if they had been written closed.
      assertThat(numberless(kernel))
          .as("seed %d: %s", seed + round, refused)
          .isEqualTo(numberless(enforced(closed(cluster, out))));

      kernel.refuse(_ -> false);
      assertThat(enforcer.retryLeftOut()).isTrue();
      enforcer.proveGeneration();
      assertThat(enforcer.leftOut()).isEmpty();
      assertThat(numberless(kernel))
          .as("seed %d", seed + round)
          .isEqualTo(numberless(enforced(cluster)));
    }
    assertThat(found).isGreaterThan(100);
  }

  @Test
  void aPolicyThatChangesIsTriedAtOnce() throws Exception {
    Random random = new Random(seed);
    List<ClusterChange> cluster = List.of();
    SimulatedNftTables kernel = new SimulatedNftTables();
    Enforcer enforcer = started(kernel);
    Set<PolicyId> out = Set.of();
    // Until there is one with rules that a pod of the node needs.
    while (out.isEmpty()) {
      kernel = new SimulatedNftTables();
      enforcer = started(kernel);
      cluster = RandomCluster.draw(random).changes();
      kernel.refuse(
          command -> command instanceof NftCommand.AddRule rule && isPolicy(rule.chain()));
      cluster.forEach(enforcer::apply);
      enforcer.commit();
      out = Set.copyOf(enforcer.leftOut().keySet());
    }
    kernel.refuse(_ -> false);
    enforcer.commit();
    assertThat(enforcer.leftOut().keySet()).as("nobody asked").isEqualTo(out);
    PolicyId one = out.iterator().next();
    for (Policy policy : policies(cluster)) {
      if (policy.id().equals(one)) {
        enforcer.apply(new ClusterChange.PolicySeen(policy));
        enforcer.commit();
        assertThat(enforcer.leftOut().keySet()).as("as when its status is written").isEqualTo(out);
        enforcer.apply(new ClusterChange.PolicySeen(later(policy)));
      }
    }
    enforcer.commit();
    assertThat(enforcer.leftOut()).hasSize(out.size() - 1).doesNotContainKey(one);
    for (PolicyId id : out) {
      enforcer.apply(new ClusterChange.PolicyGone(id));
    }
    enforcer.commit();
    assertThat(enforcer.leftOut()).isEmpty();
    assertThat(observer.take().stream().filter(line -> line.startsWith("left out")))
        .last()
        .isEqualTo("left out []");
  }

  @Test
  void whereEverythingIsRefusedNothingIsLeftOut() throws Exception {
    SimulatedNftTables kernel = new SimulatedNftTables();
    Enforcer enforcer = started(kernel);
    String before = kernel.toString();
    RandomCluster.draw(new Random(seed)).changes().forEach(enforcer::apply);
    kernel.refuse(_ -> true);
    assertThat(enforcer.commit()).isFalse();
    assertThat(enforcer.leftOut()).isEmpty();
    assertThat(kernel).hasToString(before);
    kernel.refuse(_ -> false);
    assertThat(enforcer.commit()).isTrue();
    assertThat(enforcer.leftOut()).isEmpty();
  }

  private Enforcer started(NftTables tables) {
    Enforcer enforcer =
        new Enforcer(tables, () -> {}, observer, InstantSource.fixed(Instant.EPOCH));
    enforcer.start();
    enforcer.synced();
    enforcer.commit();
    return enforcer;
  }

  private SimulatedNftTables enforced(List<ClusterChange> cluster) {
    SimulatedNftTables kernel = new SimulatedNftTables();
    Enforcer enforcer = started(kernel);
    cluster.forEach(enforcer::apply);
    enforcer.commit();
    enforcer.proveGeneration();
    return kernel;
  }

  /** The same, asked after others. */
  private static Policy later(Policy policy) {
    return new Policy(
        policy.id(),
        policy.tier(),
        policy.order() + 1,
        policy.subject(),
        policy.directions(),
        policy.egress(),
        policy.ingress(),
        policy.reach(),
        policy.problems());
  }

  private static List<Policy> policies(List<ClusterChange> cluster) {
    return cluster.stream()
        .filter(ClusterChange.PolicySeen.class::isInstance)
        .map(change -> ((ClusterChange.PolicySeen) change).policy())
        .toList();
  }

  private static List<ClusterChange> closed(List<ClusterChange> cluster, Set<PolicyId> out) {
    return cluster.stream()
        .map(change ->
            change instanceof ClusterChange.PolicySeen(Policy policy) && out.contains(policy.id())
                ? new ClusterChange.PolicySeen(policy.closed())
                : change)
        .toList();
  }

  /** Any rule of a policy but the one that closes it. */
  private static boolean concerns(NftCommand command, Set<PolicyId> refused) {
    return command instanceof NftCommand.AddRule add
        && !add.rule().statements().equals(CLOSED)
        && refused.stream().anyMatch(id -> isOf(id, add));
  }

  /** In the policy's own chain or, if it passes, in that of its tier, where the comment tells. */
  private static boolean isOf(PolicyId id, NftCommand.AddRule add) {
    return add.chain().startsWith(id + "/")
        || add.rule().comment().filter(comment -> comment.startsWith(id + " ")).isPresent();
  }

  private static boolean isPolicy(String chain) {
    return chain.startsWith("np/");
  }

  private static String numberless(SimulatedNftTables tables) {
    return tables.toString().replaceAll("0x[0-9a-f]{8}", "0x");
  }

  /** A kernel that does not say which command it refuses. */
  private record Silent(SimulatedNftTables kernel) implements NftTables {
    @Override
    public NftOutcome commit(NftTransaction transaction, OptionalLong generation) {
      return kernel.commit(transaction, generation) instanceof NftOutcome.Refused refused
          ? new NftOutcome.Refused(OptionalInt.empty(), refused.errno(), "ENOMEM")
          : new NftOutcome.Committed();
    }

    @Override
    public Optional<NftListing> read(NftTable table) {
      return kernel.read(table);
    }

    @Override
    public long generation() {
      return kernel.generation();
    }
  }
}
