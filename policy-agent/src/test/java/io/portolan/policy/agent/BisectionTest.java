package io.portolan.policy.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.portolan.policy.model.PolicyId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The search for refused policies, over kernels that refuse by rule. */
class BisectionTest {
  private final long seed = Long.getLong("portolan.seed", System.nanoTime());

  /** What came of a search. */
  private record Search(Optional<Set<PolicyId>> leftOut, int attempts) {}

  @Test
  void findsJustThoseThatAreRefusedByThemselves() {
    for (int round = 0; round < 2000; round++) {
      Random random = new Random(seed + round);
      List<PolicyId> policies = policies(1 + random.nextInt(300));
      Set<PolicyId> refused = pick(policies, 1 + random.nextInt(3), random);
      Search search = search(policies, List.of(), policies, in -> !anyOf(refused, in));
      assertThat(search.leftOut()).as("seed %d", seed + round).contains(refused);
      int halvings = 32 - Integer.numberOfLeadingZeros(policies.size());
      assertThat(search.attempts())
          .as("seed %d: %d among %d", seed + round, refused.size(), policies.size())
          .isLessThanOrEqualTo(1 + refused.size() * (halvings + 1));
    }
  }

  /** As where memory or a count of jumps is used up: which ones stay out is open, how many not. */
  @Test
  void leavesOutNoMoreThanMustBeWhereTheyAreTooManyTogether() {
    for (int round = 0; round < 500; round++) {
      Random random = new Random(seed + round);
      List<PolicyId> policies = policies(10 + random.nextInt(100));
      int room = policies.size() - 1 - random.nextInt(4);
      Search search = search(policies, List.of(), policies, in -> in.size() <= room);
      assertThat(search.leftOut().orElseThrow())
          .as("seed %d", seed + round)
          .hasSize(policies.size() - room);
    }
  }

  @Test
  void aNamedSuspectTakesOneAttempt() {
    List<PolicyId> policies = policies(200);
    PolicyId bad = policies.get(77);
    assertThat(search(policies, List.of(bad), policies, in -> !in.contains(bad)))
        .isEqualTo(new Search(Optional.of(Set.of(bad)), 1));
    assertThat(search(policies, List.of(policies.get(3)), policies, in -> !in.contains(bad)))
        .extracting(Search::leftOut)
        .isEqualTo(Optional.of(Set.of(bad)));
  }

  @Test
  void noPolicyIsToBlameWhereNothingIsTaken() {
    List<PolicyId> policies = policies(200);
    assertThat(search(policies, policies.subList(0, 5), policies, _ -> false))
        .isEqualTo(new Search(Optional.empty(), 2));
    assertThat(search(List.of(), List.of(), List.of(), _ -> false))
        .isEqualTo(new Search(Optional.empty(), 0));
  }

  /** More culprits than can be told apart in time: what is left out is taken all the same. */
  @Test
  void endsInTime() {
    Random random = new Random(seed);
    List<PolicyId> policies = policies(2000);
    Set<PolicyId> refused = pick(policies, 400, random);
    Search search = search(policies, List.of(), policies, in -> !anyOf(refused, in));
    assertThat(search.attempts()).isEqualTo(Bisection.MOST);
    assertThat(search.leftOut().orElseThrow()).as("seed %d", seed).containsAll(refused);
  }

  /**
   * @param takes whether the kernel takes these policies
   */
  private static Search search(
      List<PolicyId> all,
      List<PolicyId> named,
      List<PolicyId> changed,
      Predicate<Set<PolicyId>> takes) {
    Bisection search = Bisection.among(List.of(named, changed, all));
    Optional<Set<PolicyId>> inForce = Optional.empty();
    for (var next = search.next(); next.isPresent(); next = search.next()) {
      Set<PolicyId> programmed = new HashSet<>(all);
      programmed.removeAll(next.get());
      boolean taken = takes.test(programmed);
      inForce = taken ? Optional.of(Set.copyOf(next.get())) : inForce;
      search = search.after(taken);
    }
    assertThat(search.result().<Set<PolicyId>>map(Set::copyOf))
        .as("what is in force")
        .isEqualTo(inForce);
    return new Search(inForce, search.attempts());
  }

  private static boolean anyOf(Set<PolicyId> refused, Set<PolicyId> programmed) {
    return refused.stream().anyMatch(programmed::contains);
  }

  private static Set<PolicyId> pick(Collection<PolicyId> from, int count, Random random) {
    List<PolicyId> left = new ArrayList<>(from);
    Set<PolicyId> picked = new HashSet<>();
    while (picked.size() < count && !left.isEmpty()) {
      picked.add(left.remove(random.nextInt(left.size())));
    }
    return picked;
  }

  private static List<PolicyId> policies(int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> new PolicyId(PolicyId.Kind.NETWORK_POLICY, "ns", "p" + i))
        .toList();
  }
}
