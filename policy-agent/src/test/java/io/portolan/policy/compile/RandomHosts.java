package io.portolan.policy.compile;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.portolan.common.net.IpAddress;
import io.portolan.policy.calico.CalicoHosts;
import io.portolan.policy.model.ClusterChange;
import io.portolan.policy.model.NotUnderstoodException;
import io.portolan.policy.nft.Flow;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * A small cluster with Calico's objects, seen from node {@code n1} with its interfaces {@code eth0}
 * (10.0.9.1, fd00::901), {@code eth1} (10.0.8.1) and {@code eth2}.
 *
 * @param calico with global policies of every reach
 * @param endpoints HostEndpoints
 * @param felix FelixConfigurations
 */
public record RandomHosts(RandomCalico calico, List<JsonNode> endpoints, List<JsonNode> felix) {
  private static final ObjectMapper JSON = new ObjectMapper();

  public static final String NODE = "n1";
  public static final Map<String, List<IpAddress>> INTERFACES =
      Map.of(
          "eth0",
          List.of(IpAddress.parse("10.0.9.1"), IpAddress.parse("fd00::901")),
          "eth1",
          List.of(IpAddress.parse("10.0.8.1")),
          "eth2",
          List.of());

  /** Of a service. */
  private static final IpAddress SERVICE = IpAddress.parse("10.0.0.3");

  public static RandomHosts draw(Random random) {
    RandomCalico drawn = RandomCalico.draw(random);
    List<JsonNode> policies = new ArrayList<>();
    for (JsonNode policy : drawn.policies()) {
      ObjectNode copy = policy.deepCopy();
      ObjectNode spec = (ObjectNode) copy.path("spec");
      if (RandomCalico.isGlobal(copy)) {
        switch (random.nextInt(5)) {
          case 0 -> spec.put("applyOnForward", true);
          case 1 -> spec.put("applyOnForward", true).put("doNotTrack", true);
          case 2 -> {
            spec.put("applyOnForward", true).put("preDNAT", true).putArray("types").add("Ingress");
            spec.remove("egress");
          }
          default -> {}
        }
      }
      policies.add(copy);
    }
    List<JsonNode> endpoints = new ArrayList<>();
    for (int i = random.nextInt(4); i >= 0; i--) {
      endpoints.add(endpoint(random, "h" + i));
    }
    List<JsonNode> felix = new ArrayList<>();
    for (String name : List.of("default", "node.n1", "node.n2")) {
      if (random.nextInt(3) == 0) {
        felix.add(felix(random, name));
      }
    }
    return new RandomHosts(
        new RandomCalico(
            drawn.cluster(),
            drawn.accounts(),
            drawn.sets(),
            drawn.tiers(),
            drawn.slices(),
            policies),
        endpoints,
        felix);
  }

  private static JsonNode endpoint(Random random, String name) {
    ObjectNode object = JSON.createObjectNode();
    object.putObject("metadata").put("name", name).putObject("labels");
    for (String label : List.of("app", "team")) {
      if (random.nextInt(3) != 0) {
        ((ObjectNode) object.at("/metadata/labels")).put(label, random.nextBoolean() ? "x" : "y");
      }
    }
    ObjectNode spec = object.putObject("spec");
    spec.put("node", random.nextInt(5) == 0 ? "n2" : NODE);
    String link = List.of("eth0", "eth1", "*", "").get(random.nextInt(4));
    if (!link.isEmpty()) {
      spec.put("interfaceName", link);
    }
    List<String> expected = new ArrayList<>();
    for (String address : List.of("10.0.9.1", "fd00::901", "10.0.8.1", "192.0.2.70")) {
      if (random.nextInt(2) == 0) {
        expected.add(address);
      }
    }
    if (link.isEmpty() && expected.isEmpty()) {
      expected.add("10.0.8.1");
    }
    expected.forEach(spec.withArray("expectedIPs")::add);
    if (random.nextInt(3) == 0) {
      spec.putArray("profiles").add("projectcalico-default-allow");
    }
    if (random.nextInt(2) == 0) {
      spec.putArray("ports")
          .addObject()
          .put("name", "web")
          .put("protocol", random.nextInt(4) == 0 ? "UDP" : "TCP")
          .put("port", random.nextBoolean() ? 80 : 8080);
    }
    return object;
  }

  private static JsonNode felix(Random random, String name) {
    ObjectNode object = JSON.createObjectNode();
    object.putObject("metadata").put("name", name);
    ObjectNode spec = object.putObject("spec");
    for (String field : List.of("failsafeInboundHostPorts", "failsafeOutboundHostPorts")) {
      if (random.nextInt(3) != 0) {
        var list = spec.putArray(field);
        for (int i = random.nextInt(3); i > 0; i--) {
          ObjectNode entry = list.addObject();
          entry.put("protocol", random.nextInt(3) == 0 ? "UDP" : "TCP");
          entry.put("port", List.of(53, 80, 81, 8080).get(random.nextInt(4)));
          if (random.nextInt(2) == 0) {
            entry.put("net", List.of("10.0.0.0/30", "0.0.0.0/0", "fd00::2").get(random.nextInt(3)));
          }
        }
      }
    }
    return object;
  }

  /** Everything an agent would be told, in a fixed order. */
  public List<ClusterChange> changes() throws NotUnderstoodException, IOException {
    List<ClusterChange> changes = new ArrayList<>(calico.changes());
    for (JsonNode endpoint : endpoints) {
      changes.add(CalicoHosts.hostEndpoint(endpoint).change().orElseThrow());
    }
    for (JsonNode object : felix) {
      changes.add(CalicoHosts.felixConfiguration(object).change().orElseThrow());
    }
    changes.add(new ClusterChange.ThisNode(NODE, INTERFACES));
    return changes;
  }

  /** A connection at an interface of the node. */
  public record HostFlow(Way way, String in, String out, Flow flow) {}

  /** What the node has to do with a connection. */
  public enum Way {
    IN,
    OUT,
    THROUGH
  }

  public List<HostFlow> hostFlows(Random random) {
    List<HostFlow> flows = new ArrayList<>();
    for (Flow flow : calico.flows(random)) {
      boolean four = flow.source().isIpv4();
      IpAddress own = IpAddress.parse(four ? "10.0.9.1" : "fd00::901");
      Way way = Way.values()[random.nextInt(3)];
      Flow there =
          new Flow(
              way == Way.OUT ? own : flow.source(),
              way == Way.IN ? own : flow.destination(),
              flow.protocol(),
              flow.sourcePort(),
              flow.port());
      if (four && random.nextInt(4) == 0) {
        there = there.through(SERVICE);
      }
      flows.add(
          new HostFlow(
              way,
              way == Way.OUT ? "" : "eth" + random.nextInt(3),
              way == Way.IN ? "" : "eth" + random.nextInt(3),
              there));
    }
    return flows;
  }
}
