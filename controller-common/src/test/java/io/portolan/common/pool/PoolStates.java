package io.portolan.common.pool;

import io.portolan.common.cloud.Attachment;
import io.portolan.common.cloud.AttachmentId;
import io.portolan.common.cloud.CloudCapabilities;
import io.portolan.common.cloud.InstanceId;
import io.portolan.common.cloud.InstanceLimits;
import io.portolan.common.cloud.InterfaceId;
import io.portolan.common.cloud.NodeName;
import io.portolan.common.cloud.ObservedInterface;
import io.portolan.common.cloud.ObservedMachine;
import io.portolan.common.cloud.ObservedSubnet;
import io.portolan.common.cloud.SubnetId;
import io.portolan.common.net.Cidr;
import io.portolan.common.net.IpAddress;
import io.portolan.common.net.MacAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.TreeSet;

/** States of one m5.large (3 interfaces of 9 slots) in a /24, put together piece by piece. */
final class PoolStates {
  static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");
  static final NodeName NODE = new NodeName("n1");
  static final InstanceId MACHINE = new InstanceId("i-1");
  static final SubnetId SUBNET = new SubnetId("subnet-a");

  private final List<ObservedInterface> attached = new ArrayList<>();
  private final List<ObservedInterface> loose = new ArrayList<>();
  private final TreeMap<SubnetId, ObservedSubnet> subnets = new TreeMap<>();
  private InstanceLimits limits = new InstanceLimits(1, 3, 9, true, 28, Integer.MAX_VALUE);
  private boolean createsInterfaces = true;
  private NodePoolState.Lifecycle lifecycle = NodePoolState.Lifecycle.ACTIVE;
  private PoolTargets targets = PoolTargets.DEFAULT;
  private NodeDemand demand = NodeDemand.NONE;
  private Handshake handshake = Handshake.NONE;
  private SubnetTroubles troubles = SubnetTroubles.NONE;
  private PoolMemory memory = PoolMemory.EMPTY;
  private boolean known = true;

  private PoolStates() {}

  static PoolStates node() {
    PoolStates states = new PoolStates();
    states.subnet("subnet-a", 200);
    return states;
  }

  PoolStates subnet(String id, int free) {
    subnets.put(
        new SubnetId(id),
        new ObservedSubnet(
            new SubnetId(id),
            "a",
            List.of(Cidr.parse("10.0.0.0/24")),
            OptionalInt.of(free),
            new TreeMap<>()));
    return this;
  }

  /** The next interface: device 0, 1 ... with the given addresses (10.0.index.x) or blocks. */
  PoolStates interfaceWith(String... addressesOrBlocks) {
    attached.add(eni(attached.size(), ObservedInterface.State.ATTACHED, true, addressesOrBlocks));
    return this;
  }

  /** The next interface, in another state. */
  PoolStates interfaceBeing(ObservedInterface.State state) {
    attached.add(eni(attached.size(), state, true));
    return this;
  }

  /** The next interface, which would outlive the machine. */
  PoolStates interfaceLeftUnprotected(String... addresses) {
    attached.add(eni(attached.size(), ObservedInterface.State.ATTACHED, false, addresses));
    return this;
  }

  PoolStates looseInterfaceWith(String... addresses) {
    loose.add(eni(10 + loose.size(), ObservedInterface.State.AVAILABLE, false, addresses));
    return this;
  }

  PoolStates limits(InstanceLimits newLimits) {
    limits = newLimits;
    return this;
  }

  PoolStates withoutNewInterfaces() {
    createsInterfaces = false;
    return this;
  }

  PoolStates lifecycle(NodePoolState.Lifecycle newLifecycle) {
    lifecycle = newLifecycle;
    return this;
  }

  PoolStates unknownToTheCloud() {
    known = false;
    return this;
  }

  PoolStates targets(PoolTargets newTargets) {
    targets = newTargets;
    return this;
  }

  PoolStates pods(int pods, String... busy) {
    TreeSet<IpAddress> addresses = new TreeSet<>();
    for (String address : busy) {
      addresses.add(IpAddress.parse(address));
    }
    demand = new NodeDemand(pods, addresses, demand.departures());
    return this;
  }

  PoolStates podsLeft(int count, Duration ago) {
    demand =
        new NodeDemand(demand.pods(), demand.busy(), Collections.nCopies(count, NOW.minus(ago)));
    return this;
  }

  PoolStates handshake(Map<String, Long> marks, Map<String, Long> answers) {
    handshake = new Handshake(10, cidrs(marks), cidrs(answers));
    return this;
  }

  PoolStates troubles(SubnetTroubles newTroubles) {
    troubles = newTroubles;
    return this;
  }

  PoolStates memory(PoolMemory newMemory) {
    memory = newMemory;
    return this;
  }

  NodePoolState state() {
    ObservedMachine machine =
        new ObservedMachine(
            NODE, MACHINE, "m5.large", "a", ObservedMachine.State.RUNNING, limits, attached);
    return new NodePoolState(
        NODE,
        lifecycle,
        NOW,
        known ? Optional.of(machine) : Optional.empty(),
        loose,
        subnets,
        new CloudCapabilities(
            createsInterfaces, true, 50, true, Duration.ofSeconds(5), Duration.ofMinutes(1)),
        targets,
        demand,
        handshake,
        troubles,
        memory);
  }

  PoolPlan plan() {
    return new PoolPlanner(new MostFreeSubnet()).plan(state(), NOW);
  }

  String text() {
    return PoolExplain.text(plan());
  }

  String actions() {
    return PoolExplain.actions(plan());
  }

  private static Map<Cidr, Long> cidrs(Map<String, Long> texts) {
    TreeMap<Cidr, Long> cidrs = new TreeMap<>();
    texts.forEach((text, epoch) -> cidrs.put(Cidr.parse(text), epoch));
    return cidrs;
  }

  private static ObservedInterface eni(
      int index, ObservedInterface.State state, boolean dies, String... addressesOrBlocks) {
    List<IpAddress> addresses = new ArrayList<>();
    List<Cidr> prefixes = new ArrayList<>();
    for (String text : addressesOrBlocks) {
      if (text.contains("/")) {
        prefixes.add(Cidr.parse(text));
      } else {
        addresses.add(IpAddress.parse(text));
      }
    }
    return new ObservedInterface(
        new InterfaceId("eni-" + index),
        index > 0,
        false,
        index > 0 ? Optional.of(NODE) : Optional.empty(),
        Optional.empty(),
        SUBNET,
        new MacAddress(index),
        IpAddress.parse("10.0.99." + (index + 1)),
        addresses,
        prefixes,
        List.of(),
        state,
        state == ObservedInterface.State.AVAILABLE
            ? Optional.empty()
            : Optional.of(
                new Attachment(
                    Optional.of(new AttachmentId("attach-" + index)), MACHINE, 0, index, dies)));
  }

  /** 10.0.{@code third}.1, .2 ... */
  static String[] addresses(int third, int count) {
    String[] addresses = new String[count];
    for (int i = 0; i < count; i++) {
      addresses[i] = "10.0." + third + "." + (i + 1);
    }
    return addresses;
  }
}
