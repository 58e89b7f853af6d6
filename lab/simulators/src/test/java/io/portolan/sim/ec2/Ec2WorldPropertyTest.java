package io.portolan.sim.ec2;

import static org.assertj.core.api.Assertions.assertThat;

import io.portolan.common.net.Cidr;
import io.portolan.common.net.IpAddress;
import io.portolan.sim.ec2.action.Exhaustion;
import io.portolan.sim.ec2.model.AddressOrder;
import io.portolan.sim.ec2.model.Attachment;
import io.portolan.sim.ec2.model.Ec2State;
import io.portolan.sim.ec2.model.Instance;
import io.portolan.sim.ec2.model.InstanceType;
import io.portolan.sim.ec2.model.NetworkInterface;
import io.portolan.sim.ec2.model.Resource;
import io.portolan.sim.ec2.model.ResourceId;
import io.portolan.sim.ec2.model.Subnet;
import io.portolan.sim.fault.DelayRange;
import io.portolan.sim.fault.Fault;
import io.portolan.sim.fault.FaultPlan;
import io.portolan.sim.fault.FaultRule;
import io.portolan.sim.seed.Seed;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/**
 * Whatever a client asks, in whatever order, and whatever goes wrong, the world stays consistent.
 */
class Ec2WorldPropertyTest {
  private static final int STEPS = 1_500;

  /** How many steps a run may take until every action of {@link #ACTIONS} has succeeded. */
  private static final int MOST_STEPS = 20 * STEPS;

  private static final List<String> ACTIONS =
      List.of(
          "CreateNetworkInterface",
          "AttachNetworkInterface",
          "DetachNetworkInterface",
          "DeleteNetworkInterface",
          "AssignPrivateIpAddresses",
          "UnassignPrivateIpAddresses",
          "RunInstances",
          "TerminateInstances");

  @Test
  void noSequenceOfRequestsBreaksTheInvariants() {
    Seed seed = Seed.draw("Ec2WorldPropertyTest");
    SplittableRandom random = seed.random();
    SimulatedVpc aws =
        new SimulatedVpc(
            "10.0.0.0/24",
            Ec2World.Options.DEFAULT
                .withSeed(seed.value())
                .withOrder(random.nextBoolean() ? AddressOrder.LOWEST : AddressOrder.SCATTERED));
    aws.world.behave(
        new Ec2Behavior(
            DelayRange.ofMillis(0, 2_000),
            DelayRange.ofMillis(0, 2_000),
            DelayRange.ofMillis(0, 2_000),
            DelayRange.ofMillis(0, 2_000),
            DelayRange.ofMillis(0, 500),
            DelayRange.NONE,
            random.nextBoolean(),
            Exhaustion.BY_CAUSE,
            FaultPlan.of(
                seed.value(),
                FaultRule.sometimes("*", new Fault.LostReply(), 0.02),
                FaultRule.sometimes("*", new Fault.LostRequest(), 0.02))));
    for (int step = 0; step < STEPS || (step < MOST_STEPS && !unproven(aws).isEmpty()); step++) {
      Map.Entry<String, Map<String, String>> request = request(aws, random);
      aws.world.call(request.getKey(), request.getValue());
      requireConsistent(aws.world.view().state(), step + ": " + request);
      aws.time.advance(Duration.ofMillis(random.nextInt(300)));
    }
    assertThat(unproven(aws)).as("what never succeeded").isEmpty();
    Calls calls = aws.world.calls();
    assertThat(calls.total("CreateNetworkInterface"))
        .as("and some are refused")
        .isGreaterThan(calls.count("CreateNetworkInterface", Calls.OK));
  }

  /** Actions that have not succeeded yet. */
  private static List<String> unproven(SimulatedVpc aws) {
    Calls calls = aws.world.calls();
    return ACTIONS.stream().filter(action -> calls.count(action, Calls.OK) == 0).toList();
  }

  private static Map.Entry<String, Map<String, String>> request(
      SimulatedVpc aws, SplittableRandom random) {
    Ec2State state = aws.world.view().state();
    Map<String, String> p = new HashMap<>();
    // Half of the requests are for what is in a state to grant them: blind ones seldom meet it.
    boolean apt = random.nextBoolean();
    String eni = any(state.interfaces(), random, "eni-00000000");
    String available = any(apt ? available(state) : state.interfaces(), random, "eni-00000000");
    String instance = any(apt ? alive(state) : state.instances(), random, "i-00000000");
    String count = String.valueOf(1 + random.nextInt(6));
    String address = "10.0.0." + random.nextInt(256);
    String prefix = "10.0.0." + 16 * random.nextInt(16) + "/28";
    return switch (random.nextInt(16)) {
      case 0, 1 -> {
        p.put("SubnetId", aws.subnet);
        p.put(random.nextBoolean() ? "SecondaryPrivateIpAddressCount" : "Ipv4PrefixCount", count);
        if (random.nextInt(4) == 0) {
          p.put("PrivateIpAddress", address);
        }
        if (random.nextInt(8) == 0) {
          p.put("Ipv4Prefix.1.Ipv4Prefix", prefix);
        }
        yield Map.entry("CreateNetworkInterface", p);
      }
      case 2, 3 -> {
        p.put("NetworkInterfaceId", available);
        p.put("InstanceId", instance);
        p.put("DeviceIndex", String.valueOf(random.nextInt(4)));
        yield Map.entry("AttachNetworkInterface", p);
      }
      case 4 -> {
        p.put("AttachmentId", anyAttachment(state, apt, random));
        p.put("Force", String.valueOf(random.nextInt(4) == 0));
        yield Map.entry("DetachNetworkInterface", p);
      }
      case 5, 6 -> {
        p.put("NetworkInterfaceId", available);
        yield Map.entry("DeleteNetworkInterface", p);
      }
      case 7, 8 -> {
        p.put("NetworkInterfaceId", eni);
        p.put(random.nextBoolean() ? "SecondaryPrivateIpAddressCount" : "Ipv4PrefixCount", count);
        yield Map.entry("AssignPrivateIpAddresses", p);
      }
      case 9, 10 -> {
        p.put("NetworkInterfaceId", eni);
        p.put("AllowReassignment", String.valueOf(random.nextBoolean()));
        p.put("PrivateIpAddress.1", address);
        yield Map.entry("AssignPrivateIpAddresses", p);
      }
      case 11, 12 -> {
        p.put("NetworkInterfaceId", eni);
        unassignable(state, eni, random, p);
        yield Map.entry("UnassignPrivateIpAddresses", p);
      }
      case 13, 14 -> {
        p.put("ImageId", "ami-00000000");
        p.put("InstanceType", random.nextBoolean() ? "m5.large" : "t3.nano");
        p.put("MinCount", "1");
        p.put("MaxCount", "1");
        p.put("SubnetId", aws.subnet);
        yield Map.entry("RunInstances", p);
      }
      default -> {
        p.put("InstanceId.1", instance);
        yield Map.entry("TerminateInstances", p);
      }
    };
  }

  private static String any(
      List<? extends Resource> things, SplittableRandom random, String otherwise) {
    return things.isEmpty() ? otherwise : things.get(random.nextInt(things.size())).id().text();
  }

  private static List<NetworkInterface> available(Ec2State state) {
    return state.interfaces().stream().filter(i -> i.attachment().isEmpty()).toList();
  }

  private static List<Instance> alive(Ec2State state) {
    return state.instances().stream().filter(Instance::isAlive).toList();
  }

  private static String anyAttachment(Ec2State state, boolean apt, SplittableRandom random) {
    List<ResourceId> all =
        state.interfaces().stream()
            .flatMap(i -> i.attachment().stream())
            .filter(a -> !apt || (a.phase() == Attachment.Phase.ATTACHED && !a.isPrimary()))
            .map(Attachment::id)
            .toList();
    return all.isEmpty() ? "eni-attach-00000000" : all.get(random.nextInt(all.size())).text();
  }

  private static void unassignable(
      Ec2State state, String eni, SplittableRandom random, Map<String, String> parameters) {
    state
        .find(ResourceId.parse(eni).orElseThrow())
        .map(NetworkInterface.class::cast)
        .ifPresent(i -> {
          List<?> addresses = i.addresses().secondary();
          List<?> prefixes = i.addresses().prefixes();
          if (!prefixes.isEmpty() && random.nextBoolean()) {
            parameters.put("Ipv4Prefix.1", prefixes.getFirst().toString());
          } else if (!addresses.isEmpty()) {
            parameters.put("PrivateIpAddress.1", addresses.getLast().toString());
          }
        });
  }

  private static void requireConsistent(Ec2State state, String after) {
    List<String> violations = new ArrayList<>();
    state.subnets().forEach(subnet -> checkSubnet(state, subnet, violations));
    state.instances().forEach(instance -> checkInstance(state, instance, violations));
    if (!violations.isEmpty()) {
      throw new AssertionError("after " + after + ":\n" + String.join("\n", violations));
    }
  }

  /** Every address has one owner at most, and the bitmap knows exactly the owned ones. */
  private static void checkSubnet(Ec2State state, Subnet subnet, List<String> violations) {
    Map<IpAddress, ResourceId> owners = new HashMap<>();
    for (NetworkInterface i : state.interfaces()) {
      if (i.subnet().equals(subnet.id())) {
        for (Cidr block : i.addresses().ipv4Blocks()) {
          for (int n = 0; n < block.size().intValueExact(); n++) {
            ResourceId other = owners.put(block.address(n), i.id());
            if (other != null) {
              violations.add(block.address(n) + " is owned by " + other + " and " + i.id());
            }
          }
        }
      }
    }
    for (int n = 0; n < 256; n++) {
      IpAddress address = subnet.ipv4().address(n);
      boolean free = !owners.containsKey(address) && !subnet.space().isReserved(address);
      if (subnet.space().isFree(address) != free) {
        violations.add(address + " is " + (free ? "free" : "taken") + ", the bitmap differs");
      }
    }
  }

  private static void checkInstance(Ec2State state, Instance instance, List<String> violations) {
    List<NetworkInterface> interfaces = state.interfacesOf(instance.id());
    InstanceType type = Ec2World.Options.DEFAULT.types().of(instance);
    if (interfaces.size() > type.interfaces()) {
      violations.add(instance.id() + " has " + interfaces.size() + " interfaces");
    }
    List<NetworkInterface> searched =
        state.interfaces().stream().filter(i -> i.belongsTo(instance.id())).toList();
    if (!Set.copyOf(searched).equals(Set.copyOf(interfaces))) {
      violations.add("the index of " + instance.id() + " is not what a search finds");
    }
    Set<Integer> indexes = new HashSet<>();
    for (NetworkInterface i : interfaces) {
      if (!indexes.add(i.attachment().orElseThrow().deviceIndex())) {
        violations.add(instance.id() + " has two interfaces at one index");
      }
      if (i.addresses().slots() > type.ipv4PerInterface()) {
        violations.add(i.id() + " uses " + i.addresses().slots() + " slots");
      }
    }
    if (interfaces.isEmpty() != (instance.state() == Instance.State.TERMINATED)) {
      violations.add(instance.id() + " is " + instance.state() + " with " + interfaces);
    }
  }
}
