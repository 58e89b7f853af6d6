package io.portolan.policy.compile;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.portolan.common.kube.EndpointSliceRecord;
import io.portolan.common.net.IpAddress;
import io.portolan.policy.agent.ClusterFeeds;
import io.portolan.policy.calico.CalicoNetworkSets;
import io.portolan.policy.calico.CalicoPolicies;
import io.portolan.policy.calico.CalicoTiers;
import io.portolan.policy.calico.Decoded;
import io.portolan.policy.model.ClusterChange;
import io.portolan.policy.model.NotUnderstoodException;
import io.portolan.policy.nft.Flow;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;

/**
 * A small cluster with Calico's objects beside those of Kubernetes.
 *
 * @param accounts labels of service accounts, by namespace and name
 * @param sets NetworkSet, or GlobalNetworkSet without a namespace
 * @param slices EndpointSlices
 * @param policies NetworkPolicy, or GlobalNetworkPolicy without a namespace
 */
public record RandomCalico(
    RandomCluster cluster,
    Map<Account, Map<String, String>> accounts,
    List<JsonNode> sets,
    List<JsonNode> tiers,
    List<JsonNode> slices,
    List<JsonNode> policies) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** A service account's name. */
  public record Account(String namespace, String name) {}

  public static RandomCalico draw(Random random) {
    RandomCluster cluster = RandomCluster.draw(random);
    Map<Account, Map<String, String>> accounts = new LinkedHashMap<>();
    for (String namespace : cluster.namespaces().keySet()) {
      for (String name : List.of("sa0", "sa1")) {
        if (random.nextInt(4) != 0) {
          accounts.put(new Account(namespace, name), Map.of("role", pick(random, "x", "y")));
        }
      }
    }
    List<JsonNode> sets = new ArrayList<>();
    for (int i = random.nextInt(4); i > 0; i--) {
      Map<String, Object> metadata = metadata(random, "s" + i);
      metadata.put("labels", Map.of(pick(random, "app", "team"), pick(random, "x", "y")));
      sets.add(
          JSON.valueToTree(Map.of("metadata", metadata, "spec", Map.of("nets", nets(random, 4)))));
    }
    List<JsonNode> tiers = new ArrayList<>();
    for (String name : List.of("first", "last")) {
      if (random.nextInt(3) != 0) {
        Map<String, Object> spec = new TreeMap<>();
        if (random.nextInt(4) != 0) {
          spec.put("order", name.equals("first") ? 100 : 2_000_000);
        }
        if (random.nextInt(3) != 0) {
          spec.put("defaultAction", pick(random, "Pass", "Deny"));
        }
        tiers.add(JSON.valueToTree(Map.of("metadata", Map.of("name", name), "spec", spec)));
      }
    }
    List<JsonNode> policies = new ArrayList<>();
    for (int i = random.nextInt(6); i > 0; i--) {
      policies.add(JSON.valueToTree(policy(random, "p" + i)));
    }
    return new RandomCalico(cluster, accounts, sets, tiers, slices(random, cluster), policies);
  }

  /** Everything an agent would be told, in a fixed order. */
  public List<ClusterChange> changes() throws NotUnderstoodException, IOException {
    List<ClusterChange> changes = new ArrayList<>();
    accounts.forEach((account, labels) ->
        changes.add(
            new ClusterChange.ServiceAccountSeen(account.namespace(), account.name(), labels)));
    for (JsonNode set : sets) {
      changes.add(
          understood(
              isGlobal(set)
                  ? CalicoNetworkSets.globalNetworkSet(set)
                  : CalicoNetworkSets.networkSet(set)));
    }
    tiers.forEach(tier -> changes.add(understood(CalicoTiers.tier(tier))));
    for (JsonNode slice : slices) {
      ClusterFeeds.endpointSlice(EndpointSliceRecord.decoder().decodeTree(slice))
          .ifPresent(s -> changes.add(new ClusterChange.EndpointSliceSeen(s)));
    }
    for (JsonNode policy : policies) {
      changes.add(
          understood(
              isGlobal(policy)
                  ? CalicoPolicies.globalNetworkPolicy(policy)
                  : CalicoPolicies.networkPolicy(policy)));
    }
    changes.addAll(cluster.changes());
    return changes;
  }

  static boolean isGlobal(JsonNode object) {
    return !object.path("metadata").has("namespace");
  }

  public List<Flow> flows(Random random) {
    List<Flow> flows = new ArrayList<>();
    for (Flow flow : cluster.flows(random)) {
      flows.add(
          flow.isIcmp()
              ? new Flow(flow.source(), flow.destination(), flow.protocol(), icmpType(random) << 8)
              : random.nextInt(6) == 0
                  ? new Flow(flow.source(), flow.destination(), flow.protocol(), 81, flow.port())
                  : flow);
    }
    IpAddress inside = IpAddress.parse("192.0.2.9");
    cluster.pods().stream()
        .flatMap(pod -> pod.addresses().stream())
        .filter(IpAddress::isIpv4)
        .forEach(address -> flows.add(new Flow(address, inside, 6, 80)));
    return flows;
  }

  private static ClusterChange understood(Decoded decoded) {
    if (!decoded.problems().isEmpty()) {
      throw new AssertionError(decoded);
    }
    return decoded.change().orElseThrow();
  }

  private static Map<String, Object> metadata(Random random, String name) {
    Map<String, Object> metadata = new LinkedHashMap<>();
    metadata.put("name", name);
    if (random.nextBoolean()) {
      metadata.put("namespace", pick(random, "a", "b", "c"));
    }
    return metadata;
  }

  private static Map<String, Object> policy(Random random, String name) {
    Map<String, Object> metadata = metadata(random, name);
    Map<String, Object> spec = new LinkedHashMap<>();
    if (random.nextInt(3) != 0) {
      spec.put("tier", pick(random, "first", "last", "default", "kube-admin", "kube-baseline"));
    }
    if (random.nextInt(3) != 0) {
      spec.put("order", random.nextInt(3) * 1_000);
    }
    if (random.nextInt(2) != 0) {
      spec.put("selector", selector(random));
    }
    if (random.nextInt(6) == 0) {
      spec.put("serviceAccountSelector", pick(random, "role == 'x'", "!has(role)", "all()"));
    }
    if (!metadata.containsKey("namespace") && random.nextInt(3) == 0) {
      spec.put("namespaceSelector", pick(random, "team == 'x'", "team != 'x'", "all()"));
    }
    switch (random.nextInt(5)) {
      case 0 -> spec.put("types", List.of("Ingress"));
      case 1 -> spec.put("types", List.of("Egress"));
      case 2 -> spec.put("types", List.of("Ingress", "Egress"));
      default -> {}
    }
    for (String direction : List.of("ingress", "egress")) {
      if (random.nextInt(4) != 0) {
        List<Object> rules = new ArrayList<>();
        for (int i = random.nextInt(4); i > 0; i--) {
          rules.add(withService(random, metadata, direction, rule(random)));
        }
        spec.put(direction, rules);
      }
    }
    return Map.of("metadata", metadata, "spec", spec);
  }

  private static Map<String, Object> rule(Random random) {
    Map<String, Object> rule = new LinkedHashMap<>();
    rule.put("action", pick(random, "Allow", "Allow", "Deny", "Pass", "Log"));
    if (random.nextInt(8) == 0) {
      rule.put("ipVersion", random.nextBoolean() ? 4 : 6);
    }
    String protocol = "";
    switch (random.nextInt(6)) {
      case 0, 1, 2 -> protocol = pick(random, "TCP", "UDP", "SCTP");
      case 3 -> protocol = pick(random, "ICMP", "ICMPv6");
      default -> {}
    }
    if (!protocol.isEmpty()) {
      rule.put("protocol", protocol);
    }
    if (random.nextInt(8) == 0) {
      rule.put("notProtocol", random.nextBoolean() ? "TCP" : 17);
    }
    if (protocol.startsWith("ICMP") && random.nextBoolean()) {
      rule.put(
          pick(random, "icmp", "notICMP"),
          random.nextBoolean()
              ? Map.of("type", icmpType(random))
              : Map.of("type", icmpType(random), "code", 0));
    }
    boolean ports = !protocol.isEmpty() && !protocol.startsWith("ICMP");
    for (String end : List.of("source", "destination")) {
      if (random.nextInt(2) != 0) {
        rule.put(end, peer(random, ports));
      }
    }
    return rule;
  }

  /** Requests of both families, and an answer. */
  private static int icmpType(Random random) {
    int[] types = {8, 128, 13, 0};
    return types[random.nextInt(types.length)];
  }

  private static Map<String, Object> peer(Random random, boolean ports) {
    Map<String, Object> peer = new LinkedHashMap<>();
    if (random.nextInt(3) == 0) {
      peer.put("selector", selector(random));
    }
    if (random.nextInt(5) == 0) {
      peer.put("notSelector", selector(random));
    }
    if (random.nextInt(5) == 0) {
      peer.put(
          "namespaceSelector",
          pick(random, "all()", "global()", "team == 'x'", "team != 'x'", "!global()"));
    }
    switch (random.nextInt(10)) {
      case 0 -> peer.put("serviceAccounts", Map.of("names", List.of("sa0", "sa2")));
      case 1 -> peer.put("serviceAccounts", Map.of("selector", "role == 'x'"));
      default -> {}
    }
    if (random.nextInt(4) == 0) {
      peer.put("nets", nets(random, 2));
    }
    if (random.nextInt(5) == 0) {
      peer.put("notNets", nets(random, 2));
    }
    if (ports && random.nextInt(3) == 0) {
      peer.put("ports", ports(random));
    }
    if (ports && random.nextInt(5) == 0) {
      peer.put("notPorts", ports(random));
    }
    return peer;
  }

  /** Puts the endpoints of a service in the place of the peer, now and then. */
  private static Map<String, Object> withService(
      Random random, Map<String, Object> policy, String direction, Map<String, Object> rule) {
    if (random.nextInt(6) != 0) {
      return rule;
    }
    Map<String, Object> service = new LinkedHashMap<>();
    service.put("name", pick(random, "web", "dns"));
    if (random.nextBoolean() || !policy.containsKey("namespace")) {
      service.put("namespace", pick(random, "a", "b"));
    }
    Map<String, Object> peer = new LinkedHashMap<>();
    peer.put("services", service);
    boolean ingress = direction.equals("ingress");
    boolean ports = Set.of("TCP", "UDP", "SCTP").contains(rule.getOrDefault("protocol", ""));
    if (ingress && ports && random.nextInt(3) == 0) {
      peer.put("notPorts", List.of(81));
    }
    rule.put(ingress ? "source" : "destination", peer);
    return rule;
  }

  /** Of some pods and an address outside, twice over some of them. */
  private static List<JsonNode> slices(Random random, RandomCluster cluster) {
    List<JsonNode> slices = new ArrayList<>();
    for (int i = random.nextInt(5); i > 0; i--) {
      List<Object> endpoints = new ArrayList<>();
      for (RandomCluster.TestPod pod : cluster.pods()) {
        if (random.nextInt(3) == 0) {
          endpoints.add(
              Map.of("addresses", pod.addresses().stream().map(IpAddress::toString).toList()));
        }
      }
      if (random.nextInt(3) == 0) {
        endpoints.add(
            Map.of(
                "addresses",
                List.of("192.0.2.9", "example.org"),
                "conditions",
                Map.of("ready", false)));
      }
      List<Object> ports = new ArrayList<>();
      for (int j = random.nextInt(3); j > 0; j--) {
        ports.add(
            switch (random.nextInt(4)) {
              case 0 -> Map.of("name", "none");
              case 1 -> Map.of("port", 80);
              case 2 -> Map.of("port", 8080, "protocol", "TCP");
              default -> Map.of("port", 53, "protocol", "UDP");
            });
      }
      Map<String, Object> metadata = new LinkedHashMap<>();
      metadata.put("name", "slice" + i);
      metadata.put("namespace", pick(random, "a", "b"));
      if (random.nextInt(8) != 0) {
        metadata.put(
            "labels", Map.of("kubernetes.io/service-name", pick(random, "web", "web", "dns")));
      }
      slices.add(
          JSON.valueToTree(Map.of("metadata", metadata, "endpoints", endpoints, "ports", ports)));
    }
    return slices;
  }

  private static List<Object> ports(Random random) {
    List<Object> ports = new ArrayList<>();
    for (int i = random.nextInt(3); i >= 0; i--) {
      ports.add(
          switch (random.nextInt(4)) {
            case 0 -> pick(random, "web", "dns");
            case 1 -> "80:" + (80 + random.nextInt(400));
            default -> random.nextBoolean() ? 80 : 8080;
          });
    }
    return ports;
  }

  private static List<String> nets(Random random, int most) {
    List<String> nets = new ArrayList<>();
    for (int i = random.nextInt(most); i >= 0; i--) {
      nets.add(
          pick(
              random,
              "0.0.0.0/0",
              "10.0.0.0/8",
              "10.0.0.0/30",
              "10.0.0.3/32",
              "10.0.0.4/30",
              "192.0.2.0/24",
              "192.0.2.8/29",
              "::/0",
              "fd00::/16",
              "fd00::2/128",
              "2001:db8::/32"));
    }
    return nets;
  }

  private static String selector(Random random) {
    String one =
        pick(
            random,
            "app == 'x'",
            "app != 'x'",
            "app in {'x', 'y'}",
            "has(team)",
            "!has(team)",
            "all()",
            "pcns.team == 'x'",
            "pcsa.role == 'y'",
            "projectcalico.org/namespace == 'a'",
            "projectcalico.org/orchestrator == 'k8s'",
            "projectcalico.org/serviceaccount == 'sa1'");
    return random.nextInt(4) == 0 ? one + pick(random, " && ", " || ") + selector(random) : one;
  }

  private static String pick(Random random, String... choices) {
    return choices[random.nextInt(choices.length)];
  }
}
