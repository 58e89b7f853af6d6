package io.portolan.node.ipam;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.portolan.common.net.Cidr;
import io.portolan.common.net.IpAddress;
import io.portolan.common.net.IpFamily;
import io.portolan.common.net.MacAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class AddressPoolTest {
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
  private static final Duration REST = Duration.ofSeconds(30);
  private static final Set<IpFamily> V4 = Set.of(IpFamily.IPV4);

  private static Supply supply(long revision, List<Supply.Mark> marks, String... blocksByDevice) {
    List<Supply.CloudInterface> interfaces = new ArrayList<>();
    for (int device = 0; device < blocksByDevice.length; device++) {
      interfaces.add(
          new Supply.CloudInterface(
              "eni-" + device,
              new MacAddress(device),
              device,
              0,
              List.of(),
              Optional.empty(),
              Optional.empty(),
              Optional.empty(),
              blocksByDevice[device].isEmpty()
                  ? List.of()
                  : List.of(blocksByDevice[device].split(" ")).stream().map(Cidr::parse).toList()));
    }
    return new Supply(revision, List.of(), interfaces, List.of(), marks);
  }

  private static Supply.Mark mark(String block, long epoch) {
    return new Supply.Mark(Cidr.parse(block), epoch);
  }

  private static String owner(int i) {
    return "c" + i;
  }

  private static String take(AddressPool pool, int owner, Instant now) {
    return pool.take(owner(owner), V4, now).map(List::toString).orElse("none");
  }

  @Test
  void fillsLowerInterfacesFirstAndTheLowestPrefixWithRoom() {
    AddressPool pool = new AddressPool();
    pool.supply(supply(1, List.of(), "10.0.0.9/32 10.0.0.5/32", "10.0.1.16/28 10.0.1.0/28"), START);
    List<String> taken = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      taken.add(take(pool, i, START));
    }
    assertThat(taken).containsExactly("[10.0.0.5]", "[10.0.0.9]", "[10.0.1.0]", "[10.0.1.1]");
  }

  @Test
  void givesAnAddressAgainOnlyAfterItsRestAndTheLongestRestedFirst() {
    AddressPool pool = new AddressPool();
    pool.supply(supply(1, List.of(), "10.0.0.1/32 10.0.0.2/32"), START);
    assertThat(take(pool, 1, START)).isEqualTo("[10.0.0.1]");
    assertThat(take(pool, 2, START)).isEqualTo("[10.0.0.2]");
    pool.release(IpAddress.parse("10.0.0.2"), START.plus(REST));
    pool.release(IpAddress.parse("10.0.0.1"), START.plus(REST).plusSeconds(1));
    assertThat(take(pool, 3, START.plus(REST).minusMillis(1))).isEqualTo("none");
    assertThat(pool.nextRested()).contains(START.plus(REST));
    assertThat(take(pool, 3, START.plus(REST).plusSeconds(1))).isEqualTo("[10.0.0.2]");
  }

  @Test
  void takesOneOfEachFamilyOrNothing() {
    AddressPool pool = new AddressPool();
    pool.supply(supply(1, List.of(), "10.0.0.1/32 10.0.0.2/32 2001:db8::/128"), START);
    assertThat(pool.families()).containsExactly(IpFamily.IPV4, IpFamily.IPV6);
    assertThat(pool.take(owner(1), pool.families(), START).orElseThrow())
        .extracting(IpAddress::toString)
        .containsExactly("10.0.0.1", "2001:db8::");
    assertThat(pool.take(owner(2), pool.families(), START)).isEmpty();
    assertThat(pool.counts()).isEqualTo(new AddressPool.Counts(2, 0));
  }

  @Test
  void livesWithAPrefixOfMoreAddressesThanMemory() {
    AddressPool pool = new AddressPool();
    pool.supply(supply(1, List.of(), "2001:db8:0:0:1::/80"), START);
    assertThat(pool.take(owner(1), Set.of(IpFamily.IPV6), START).orElseThrow())
        .extracting(IpAddress::toString)
        .containsExactly("2001:db8:0:0:1::");
  }

  @Test
  void answersAMarkWhenNothingInItIsHeldOrRestsAndGivesNothingOfItSince() {
    AddressPool pool = new AddressPool();
    pool.supply(supply(1, List.of(), "10.0.1.0/28 10.0.1.16/28"), START);
    assertThat(take(pool, 1, START)).isEqualTo("[10.0.1.0]");
    List<Supply.Mark> marks = List.of(mark("10.0.1.0/28", 2), mark("10.0.1.16/28", 2));
    pool.supply(supply(2, marks, "10.0.1.0/28 10.0.1.16/28"), START);
    assertThat(pool.answers()).containsExactly(mark("10.0.1.16/28", 2));
    // Marked but not answered: given as a last resort, so that no pod waits for nothing.
    assertThat(take(pool, 2, START)).isEqualTo("[10.0.1.1]");
    pool.release(IpAddress.parse("10.0.1.0"), START.plus(REST));
    pool.release(IpAddress.parse("10.0.1.1"), START.plus(REST));
    pool.advance(START.plus(REST).minusMillis(1));
    assertThat(pool.answers()).containsExactly(mark("10.0.1.16/28", 2));
    pool.advance(START.plus(REST));
    assertThat(pool.answers()).isEqualTo(marks);
    assertThat(take(pool, 3, START.plus(REST))).isEqualTo("none");
    // Taken away, the mark gives the block back.
    pool.supply(supply(3, List.of(), "10.0.1.0/28 10.0.1.16/28"), START.plus(REST));
    assertThat(pool.answers()).isEmpty();
    assertThat(take(pool, 3, START.plus(REST))).isEqualTo("[10.0.1.2]");
  }

  @Test
  void answersARenewedMarkAnew() {
    AddressPool pool = new AddressPool();
    pool.supply(supply(2, List.of(mark("10.0.0.1/32", 2)), "10.0.0.1/32"), START);
    assertThat(pool.answers()).containsExactly(mark("10.0.0.1/32", 2));
    pool.supply(supply(3, List.of(), "10.0.0.1/32"), START);
    assertThat(take(pool, 1, START)).isEqualTo("[10.0.0.1]");
    pool.supply(supply(4, List.of(mark("10.0.0.1/32", 4)), "10.0.0.1/32"), START);
    assertThat(pool.answers()).isEmpty();
  }

  @Test
  void keepsAndReportsAHeldAddressThatTheSupplyNoLongerHas() {
    AddressPool pool = new AddressPool();
    pool.supply(supply(1, List.of(), "10.0.0.1/32"), START);
    assertThat(take(pool, 1, START)).isEqualTo("[10.0.0.1]");
    pool.supply(supply(2, List.of(), "10.0.0.2/32"), START);
    assertThat(pool.orphans()).containsExactly(IpAddress.parse("10.0.0.1"));
    pool.supply(supply(3, List.of(), "10.0.0.1/32"), START);
    assertThat(take(pool, 2, START)).isEqualTo("none");
    assertThat(pool.shortage())
        .isEqualTo(
            "all pod addresses of this node are taken: 1 held, 0 resting after use, 0 given back");
  }

  @Test
  void countsHowManyMoreItCouldServe() {
    AddressPool pool = new AddressPool();
    assertThat(pool.free()).isZero();
    pool.supply(supply(1, List.of(), "10.0.0.1/32 10.0.0.2/32", "10.0.1.0/28"), START);
    assertThat(pool.free()).isEqualTo(18);
    assertThat(take(pool, 1, START)).isEqualTo("[10.0.0.1]");
    assertThat(take(pool, 2, START)).isEqualTo("[10.0.0.2]");
    assertThat(take(pool, 3, START)).isEqualTo("[10.0.1.0]");
    pool.release(IpAddress.parse("10.0.0.2"), START.plus(REST));
    assertThat(pool.free()).isEqualTo(15);
    // Held without being of the supply: takes nothing away from what is free.
    pool.supply(supply(2, List.of(), "10.0.0.2/32", "10.0.1.0/28"), START);
    assertThat(pool.orphans()).hasSize(1);
    assertThat(pool.free()).isEqualTo(15);
    // Given back.
    pool.supply(
        supply(3, List.of(mark("10.0.0.3/32", 3)), "10.0.0.2/32 10.0.0.3/32", "10.0.1.0/28"),
        START);
    assertThat(pool.free()).isEqualTo(15);
    // The scarcer family decides; a prefix may have more addresses than can be counted.
    pool.supply(
        supply(4, List.of(), "10.0.1.0/28", "2001:db8::/48 2001:db8:1::/48 2001:db8:2::/48"),
        START);
    assertThat(pool.free()).isEqualTo(15);
    assertThat(pool.take(owner(9), pool.families(), START)).isPresent();
    assertThat(pool.free()).isEqualTo(14);
  }

  @Test
  void refusesAJournalThatGivesAnAddressToTwo() {
    AddressPool pool = new AddressPool();
    pool.restoreHeld(IpAddress.parse("10.0.0.1"), owner(1));
    assertThatThrownBy(() -> pool.restoreHeld(IpAddress.parse("10.0.0.1"), owner(2)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("is held by c1 and by c2");
  }

  /** The laws, under any sequence: each address once, rested, and not after it was given back. */
  @Test
  void keepsItsLawsWhateverHappens() {
    long seed =
        Long.getLong("portolan.seed") == null ? System.nanoTime() : Long.getLong("portolan.seed");
    System.out.println("portolan.seed=" + seed);
    Random random = new Random(seed);
    for (int run = 0; run < 60; run++) {
      AddressPool pool = new AddressPool();
      Map<IpAddress, Integer> held = new HashMap<>();
      Map<IpAddress, Instant> restsUntil = new HashMap<>();
      Instant now = START;
      Supply current = Supply.EMPTY;
      for (int step = 0; step < 300; step++) {
        now = now.plusSeconds(random.nextInt(12));
        switch (random.nextInt(5)) {
          case 0 -> {
            current = randomSupply(random, step + 1, current);
            pool.supply(current, now);
          }
          case 1, 2 -> {
            Optional<List<IpAddress>> taken = pool.take(owner(step), pool.families(), now);
            for (IpAddress address : taken.orElse(List.of())) {
              assertThat(held.put(address, step))
                  .as("seed %d: %s held twice", seed, address)
                  .isNull();
              assertThat(restsUntil.getOrDefault(address, Instant.EPOCH)).isBeforeOrEqualTo(now);
              assertThat(current.interfaceOf(address)).isPresent();
              assertThat(pool.answers()).noneMatch(m -> m.block().contains(address));
            }
          }
          case 3 -> {
            if (!held.isEmpty()) {
              IpAddress address =
                  held.keySet().stream().sorted().toList().get(random.nextInt(held.size()));
              held.remove(address);
              restsUntil.put(address, now.plus(REST));
              pool.release(address, now.plus(REST));
            }
          }
          default -> pool.advance(now);
        }
        for (Supply.Mark answer : pool.answers()) {
          assertThat(current.releasing()).contains(answer);
          assertThat(held.keySet()).noneMatch(a -> answer.block().contains(a));
        }
        assertThat(pool.counts().held()).isEqualTo(held.size());
      }
    }
  }

  private static Supply randomSupply(Random random, long revision, Supply before) {
    List<String> blocks = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      if (random.nextInt(3) > 0) {
        blocks.add("10.0.0." + i + "/32");
      }
    }
    if (random.nextBoolean()) {
      blocks.add("10.0.1.0/28");
    }
    List<Supply.Mark> marks = new ArrayList<>();
    for (Supply.Mark old : before.releasing()) {
      if (random.nextBoolean()) {
        marks.add(old);
      }
    }
    Set<Cidr> marked = new HashSet<>(marks.stream().map(Supply.Mark::block).toList());
    for (String block : blocks) {
      if (random.nextInt(5) == 0 && !marked.contains(Cidr.parse(block))) {
        marks.add(mark(block, revision));
      }
    }
    return supply(revision, marks, String.join(" ", blocks));
  }
}
