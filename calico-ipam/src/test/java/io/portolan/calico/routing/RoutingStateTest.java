package io.portolan.calico.routing;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Changes lead from any state to any other, also when they end in the middle. */
class RoutingStateTest {
  private static final long SEED = Long.getLong("portolan.seed", 20261125);
  private static final List<Encapsulation> MODES = List.of(Encapsulation.values());

  @Test
  void changesLeadFromAnyPlanToAnyOther() {
    SplittableRandom random = new SplittableRandom(SEED);
    RoutingState there = RoutingState.EMPTY;
    int steps = 0;
    for (int i = 0; i < 400; i++) {
      RoutingState wanted = plan(random);
      List<RoutingChange> changes = wanted.changesFrom(there);
      // The process dies after some of them; the next one observes and goes on to another plan.
      int done = random.nextInt(4) == 0 ? random.nextInt(changes.size() + 1) : changes.size();
      RoutingState now = there;
      for (RoutingChange change : changes.subList(0, done)) {
        now = after(now, change);
        steps++;
      }
      if (done == changes.size()) {
        assertThat(now.toString()).as("seed %d, step %d", SEED, i).isEqualTo(wanted.toString());
        assertThat(wanted.changesFrom(now)).isEmpty();
      }
      there = now;
    }
    assertThat(steps).isGreaterThan(2000);
  }

  private static RoutingState plan(SplittableRandom random) {
    Topology topology = new Topology().mtu(random.nextBoolean() ? 1500 : 9000);
    int nodes = 1 + random.nextInt(6);
    for (int n = 1; n <= nodes; n++) {
      String address = "192.168." + random.nextInt(1, 3) + "." + n + "/24";
      if (random.nextInt(5) == 0) {
        topology.node("node" + n, address);
      } else {
        topology.vxlanNode("node" + n, address, "10.0." + n + "." + random.nextInt(2) * 70);
      }
      topology.vxlanNode(
          "node" + n,
          "fd00:" + random.nextInt(1, 3) + "::" + n + "/64",
          "fd10::" + n + ":" + random.nextInt(2));
      topology.block("10.0." + n + ".0/26", "node" + n);
      topology.block("fd10::" + n + ":0/122", "node" + (1 + random.nextInt(nodes)));
    }
    if (random.nextInt(10) > 0) {
      topology.pool("10.0.0.0/16", mode(random), Encapsulation.NEVER, random.nextBoolean());
    }
    if (random.nextInt(10) > 0) {
      topology.pool("fd10::/48", mode(random), Encapsulation.NEVER, random.nextBoolean());
    }
    RoutingState state = RoutingPlanner.plan(topology.seenFrom("node1")).state();
    // Settings stay for good and would be there already.
    Map<String, RoutingObject> objects = new HashMap<>(state.objects());
    objects.values().removeIf(RoutingObject.Setting.class::isInstance);
    return new RoutingState(state.rules(), state.links(), objects);
  }

  private static Encapsulation mode(SplittableRandom random) {
    return MODES.get(random.nextInt(MODES.size()));
  }

  /** As a kernel would: what is on a device goes with it, and nothing is put on one that is not. */
  private static RoutingState after(RoutingState state, RoutingChange change) {
    Map<String, TunnelLink> links = new HashMap<>(state.links());
    Map<String, RoutingObject> objects = new HashMap<>(state.objects());
    Optional<PacketRules> rules = state.rules();
    switch (change) {
      case RoutingChange.Rules(Optional<PacketRules> before, Optional<PacketRules> after) -> {
        assertThat(before).isEqualTo(state.rules());
        rules = after;
      }
      case RoutingChange.Make(TunnelLink link, boolean anew) -> {
        assertThat(links.containsKey(link.name())).isEqualTo(anew);
        objects.values().removeIf(o -> o.device().equals(Optional.of(link.name())));
        links.put(link.name(), link);
      }
      case RoutingChange.Adjust(TunnelLink link) ->
          assertThat(links.put(link.name(), link)).isNotNull();
      case RoutingChange.Put(RoutingObject object) -> {
        object
            .device()
            .filter(d -> d.startsWith("vxlan"))
            .ifPresent(d -> assertThat(links).containsKey(d));
        objects.put(object.key(), object);
      }
      case RoutingChange.Remove(RoutingObject object) ->
          assertThat(objects.remove(object.key())).isEqualTo(object);
      case RoutingChange.RemoveLink(String name) -> {
        assertThat(links.remove(name)).isNotNull();
        objects.values().removeIf(o -> o.device().equals(Optional.of(name)));
      }
    }
    return new RoutingState(rules, links, objects);
  }
}
