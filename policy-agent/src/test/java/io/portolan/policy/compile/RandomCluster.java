package io.portolan.policy.compile;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.portolan.common.net.IpAddress;
import io.portolan.policy.model.ClusterChange;
import io.portolan.policy.model.ClusterNetworkPolicies;
import io.portolan.policy.model.ClusterPod;
import io.portolan.policy.model.LocalPod;
import io.portolan.policy.model.NetworkPolicies;
import io.portolan.policy.model.NotUnderstoodException;
import io.portolan.policy.model.PodName;
import io.portolan.policy.model.Protocol;
import io.portolan.policy.nft.Flow;
import io.portolan.sim.policy.ClusterPolicyText;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/**
 * One state of a small cluster as an API server would hold it, drawn from few names, labels and
 * ports so that policies meet pods often.
 */
public record RandomCluster(
    Map<String, Map<String, String>> namespaces,
    List<TestPod> pods,
    List<JsonNode> policies,
    Tiers tiers) {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final IpAddress SERVICE = IpAddress.parse("10.96.0.10");
  private static final IpAddress SERVICE6 = IpAddress.parse("fd96::10");
  private static final int[] PORTS = {80, 81, 443, 8080, 53};
  private static final String[] PROTOCOLS = {"TCP", "UDP", "SCTP"};

  /** A pod; {@code local} means it runs on the node whose table is compiled. */
  public record TestPod(
      String namespace,
      String name,
      Map<String, String> labels,
      boolean local,
      boolean hostNetwork,
      boolean finished,
      List<IpAddress> addresses,
      List<ClusterPod.NamedPort> ports) {

    String uid() {
      return "uid-" + namespace + "-" + name;
    }

    /** One of few; none for some. */
    public String serviceAccount() {
      int number = Math.floorMod(name.hashCode(), 4);
      return number == 3 ? "" : "sa" + number;
    }

    PodName podName() {
      return new PodName(namespace, name);
    }

    ClusterPod clusterPod() {
      return new ClusterPod(
          podName(),
          uid(),
          labels,
          serviceAccount(),
          finished,
          hostNetwork ? List.of() : addresses,
          ports,
          Instant.EPOCH);
    }

    boolean isWired() {
      return local && !hostNetwork && !finished;
    }
  }

  /** What policies of the tiers around NetworkPolicy say and speak of. */
  public record Tiers(
      List<JsonNode> policies,
      List<ClusterPolicyText.Node> nodes,
      Map<String, List<IpAddress>> domains) {
    public static final Tiers NONE = new Tiers(List.of(), List.of(), Map.of());
  }

  /** With policies of all tiers, and the nodes and domain names that they speak of. */
  public static RandomCluster drawTiered(Random random) {
    RandomCluster plain = draw(random);
    return new RandomCluster(
        plain.namespaces(), plain.pods(), plain.policies(), RandomTiers.draw(random));
  }

  /** With NetworkPolicy alone. */
  public static RandomCluster draw(Random random) {
    Map<String, Map<String, String>> namespaces = new TreeMap<>();
    for (String name : List.of("a", "b", "c")) {
      Map<String, String> labels = labels(random);
      labels.put("kubernetes.io/metadata.name", name);
      namespaces.put(name, labels);
    }
    List<TestPod> pods = new ArrayList<>();
    int count = 3 + random.nextInt(6);
    for (int i = 0; i < count; i++) {
      boolean finished = random.nextInt(8) == 0;
      // A finished pod's address has been given to the pod before it.
      int host = finished && i > 0 ? i : i + 1;
      List<IpAddress> addresses = new ArrayList<>();
      if (random.nextInt(8) != 0) {
        addresses.add(IpAddress.parse("10.0.0." + host));
      }
      if (random.nextInt(3) != 0 || addresses.isEmpty()) {
        addresses.add(IpAddress.parse("fd00::" + host));
      }
      pods.add(
          new TestPod(
              pick(random, "a", "b", "c"),
              "pod" + i,
              labels(random),
              random.nextInt(3) != 0,
              random.nextInt(10) == 0,
              finished,
              addresses,
              ports(random)));
    }
    List<JsonNode> policies = new ArrayList<>();
    for (int i = random.nextInt(6); i > 0; i--) {
      policies.add(JSON.valueToTree(policy(random, "p" + i)));
    }
    return new RandomCluster(namespaces, pods, policies, Tiers.NONE);
  }

  /** With so many policies that some select the same pods by the dozen. */
  public static RandomCluster drawWide(Random random) {
    RandomCluster plain = draw(random);
    List<JsonNode> policies = new ArrayList<>();
    for (int i = 15 + random.nextInt(45); i > 0; i--) {
      policies.add(JSON.valueToTree(policy(random, "p" + i)));
    }
    return new RandomCluster(plain.namespaces(), plain.pods(), policies, Tiers.NONE);
  }

  public RandomCluster withoutPolicies() {
    return new RandomCluster(namespaces, pods, List.of(), Tiers.NONE);
  }

  /** Everything an agent would be told, in a fixed order. */
  public List<ClusterChange> changes() throws NotUnderstoodException {
    List<ClusterChange> changes = new ArrayList<>();
    namespaces.forEach(
        (name, labels) -> changes.add(new ClusterChange.NamespaceSeen(name, labels)));
    for (JsonNode policy : policies) {
      changes.add(new ClusterChange.PolicySeen(NetworkPolicies.decode(policy)));
    }
    for (JsonNode policy : tiers.policies()) {
      changes.add(new ClusterChange.PolicySeen(ClusterNetworkPolicies.decode(policy)));
    }
    for (ClusterPolicyText.Node node : tiers.nodes()) {
      changes.add(new ClusterChange.NodeSeen(node.name(), node.labels(), node.addresses()));
    }
    tiers
        .domains()
        .forEach((name, addresses) -> changes.add(new ClusterChange.DnsSeen(name, addresses)));
    for (TestPod pod : pods) {
      changes.add(new ClusterChange.PodSeen(pod.clusterPod()));
      // Not all of the node's pods are known to be bound to it, and some are that are not wired
      // yet.
      if (pod.name().hashCode() % 3 != (pod.isWired() ? 0 : 1)) {
        changes.add(new ClusterChange.PodBound(pod.podName()));
      }
      if (pod.isWired()) {
        endpoints(pod).forEach(local -> changes.add(new ClusterChange.PodWired(local)));
      }
    }
    return changes;
  }

  /** Some pods have an interface for each family. */
  private static List<LocalPod> endpoints(TestPod pod) {
    List<LocalPod> endpoints = new ArrayList<>();
    boolean several = pod.addresses().size() > 1 && pod.labels().size() != 1;
    for (int i = 0; i < (several ? pod.addresses().size() : 1); i++) {
      endpoints.add(
          new LocalPod(
              pod.podName(),
              pod.uid(),
              "veth" + pod.name() + "-" + i,
              several ? List.of(pod.addresses().get(i)) : pod.addresses()));
    }
    return endpoints;
  }

  public List<Flow> flows(Random random) {
    List<IpAddress> ends = new ArrayList<>();
    pods.forEach(pod -> ends.addAll(pod.addresses()));
    ends.addAll(
        List.of(
            IpAddress.parse("192.0.2.7"),
            IpAddress.parse("10.0.9.9"),
            IpAddress.parse("2001:db8::7")));
    List<Flow> flows = new ArrayList<>();
    for (IpAddress source : ends) {
      for (IpAddress destination : ends) {
        if (source.family() == destination.family()) {
          Protocol protocol = Protocol.named(pick(random, PROTOCOLS)).orElseThrow();
          Flow flow =
              random.nextInt(8) == 0
                  ? new Flow(source, destination, source.isIpv4() ? 1 : 58, 0)
                  : new Flow(
                      source, destination, protocol.number(), PORTS[random.nextInt(PORTS.length)]);
          flows.add(flow);
          if (random.nextInt(4) == 0) {
            flows.add(flow.through(source.isIpv4() ? SERVICE : SERVICE6));
          }
        }
      }
    }
    return flows;
  }

  private static Map<String, Object> policy(Random random, String name) {
    Map<String, Object> spec = new LinkedHashMap<>();
    if (random.nextInt(6) != 0) {
      spec.put("podSelector", selector(random));
    }
    switch (random.nextInt(5)) {
      case 0 -> spec.put("policyTypes", List.of("Ingress"));
      case 1 -> spec.put("policyTypes", List.of("Egress"));
      case 2 -> spec.put("policyTypes", List.of("Ingress", "Egress"));
      default -> {}
    }
    if (random.nextInt(4) != 0) {
      spec.put("ingress", rules(random, "from"));
    }
    if (random.nextInt(3) != 0) {
      spec.put("egress", rules(random, "to"));
    }
    return Map.of(
        "metadata", Map.of("namespace", pick(random, "a", "b", "c"), "name", name), "spec", spec);
  }

  private static List<Object> rules(Random random, String peersField) {
    List<Object> rules = new ArrayList<>();
    for (int i = random.nextInt(3); i > 0; i--) {
      Map<String, Object> rule = new LinkedHashMap<>();
      if (random.nextInt(4) != 0) {
        List<Object> peers = new ArrayList<>();
        for (int j = random.nextInt(3); j >= 0; j--) {
          peers.add(peer(random));
        }
        rule.put(peersField, peers);
      }
      if (random.nextInt(3) != 0) {
        List<Object> ports = new ArrayList<>();
        for (int j = random.nextInt(4); j > 0; j--) {
          ports.add(port(random));
        }
        rule.put("ports", ports);
      }
      rules.add(rule);
    }
    return rules;
  }

  private static Map<String, Object> peer(Random random) {
    Map<String, Object> peer = new LinkedHashMap<>();
    if (random.nextInt(3) == 0) {
      String[][] blocks = {
        {"0.0.0.0/0", "10.0.0.0/24"},
        {"10.0.0.0/8", "10.0.0.4/30"},
        {"10.0.0.3/32"},
        {"192.0.2.0/24", "192.0.2.8/29"},
        {"::/0", "fd00::4/126"},
        {"fd00::/16", "fd00::2/128"},
        {"10.0.0.0/29"}
      };
      String[] block = blocks[random.nextInt(blocks.length)];
      peer.put(
          "ipBlock",
          block.length == 2 && random.nextBoolean()
              ? Map.of("cidr", block[0], "except", List.of(block[1]))
              : Map.of("cidr", block[0]));
      return peer;
    }
    int kind = random.nextInt(3);
    if (kind != 0) {
      peer.put("podSelector", selector(random));
    }
    if (kind != 1) {
      peer.put("namespaceSelector", selector(random));
    }
    return peer;
  }

  private static Map<String, Object> port(Random random) {
    Map<String, Object> port = new LinkedHashMap<>();
    if (random.nextInt(3) != 0) {
      port.put("protocol", pick(random, PROTOCOLS));
    }
    switch (random.nextInt(5)) {
      case 0 -> port.put("port", pick(random, "web", "dns"));
      case 1 -> {
        port.put("port", 80);
        port.put("endPort", 80 + random.nextInt(400));
      }
      case 2, 3 -> port.put("port", PORTS[random.nextInt(PORTS.length)]);
      default -> {}
    }
    return port;
  }

  static Map<String, Object> selector(Random random) {
    Map<String, Object> selector = new LinkedHashMap<>();
    if (random.nextInt(3) == 0) {
      selector.put("matchLabels", Map.of(pick(random, "app", "team"), pick(random, "x", "y")));
    }
    if (random.nextInt(4) == 0) {
      String operator = pick(random, "In", "NotIn", "Exists", "DoesNotExist");
      Map<String, Object> expression = new LinkedHashMap<>();
      expression.put("key", pick(random, "app", "team"));
      expression.put("operator", operator);
      if (operator.endsWith("In")) {
        expression.put("values", List.of("x", pick(random, "y", "z")));
      }
      selector.put("matchExpressions", List.of(expression));
    }
    return selector;
  }

  static Map<String, String> labels(Random random) {
    Map<String, String> labels = new TreeMap<>();
    if (random.nextInt(4) != 0) {
      labels.put("app", pick(random, "x", "y", "z"));
    }
    if (random.nextInt(2) != 0) {
      labels.put("team", pick(random, "x", "y"));
    }
    return labels;
  }

  private static List<ClusterPod.NamedPort> ports(Random random) {
    List<ClusterPod.NamedPort> ports = new ArrayList<>();
    for (String name : List.of("web", "dns")) {
      if (random.nextInt(3) != 0) {
        ports.add(
            new ClusterPod.NamedPort(
                name,
                Protocol.named(pick(random, PROTOCOLS)).orElseThrow(),
                PORTS[random.nextInt(PORTS.length)]));
      }
    }
    return ports;
  }

  static String pick(Random random, String... choices) {
    return choices[random.nextInt(choices.length)];
  }
}
