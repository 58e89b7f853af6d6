package io.portolan.policy.compile;

import static io.portolan.policy.compile.RandomCluster.labels;
import static io.portolan.policy.compile.RandomCluster.pick;
import static io.portolan.policy.compile.RandomCluster.selector;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.portolan.common.net.IpAddress;
import io.portolan.sim.policy.ClusterPolicyText;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/**
 * Random ClusterNetworkPolicy objects, with nodes and domain names at the addresses that {@link
 * RandomCluster} has flows for.
 */
final class RandomTiers {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int[] PORTS = {80, 81, 443, 8080, 53};
  private static final String[] ADDRESSES = {
    "192.0.2.7", "10.0.9.9", "2001:db8::7", "192.0.2.8", "10.0.0.2"
  };

  private RandomTiers() {}

  static RandomCluster.Tiers draw(Random random) {
    List<JsonNode> policies = new ArrayList<>();
    for (int i = 1 + random.nextInt(5); i > 0; i--) {
      policies.add(JSON.valueToTree(policy(random, "p" + i)));
    }
    List<ClusterPolicyText.Node> nodes = new ArrayList<>();
    for (int i = random.nextInt(4); i > 0; i--) {
      nodes.add(new ClusterPolicyText.Node("node" + i, labels(random), addresses(random)));
    }
    Map<String, List<IpAddress>> domains = new TreeMap<>();
    for (String name : List.of("example.org", "www.example.org", "a.b.example.org", "c.test")) {
      if (random.nextBoolean()) {
        domains.put(name, addresses(random));
      }
    }
    return new RandomCluster.Tiers(policies, nodes, domains);
  }

  private static List<IpAddress> addresses(Random random) {
    List<IpAddress> addresses = new ArrayList<>();
    for (String address : ADDRESSES) {
      if (random.nextInt(3) == 0) {
        addresses.add(IpAddress.parse(address));
      }
    }
    return addresses;
  }

  private static Map<String, Object> policy(Random random, String name) {
    Map<String, Object> spec = new LinkedHashMap<>();
    spec.put("tier", pick(random, "Admin", "Baseline"));
    // Few priorities, so that some are equal.
    spec.put("priority", random.nextInt(3) * 500);
    spec.put("subject", pods(random));
    for (String direction : List.of("ingress", "egress")) {
      if (random.nextInt(3) != 0) {
        List<Object> rules = new ArrayList<>();
        for (int i = random.nextInt(4); i > 0; i--) {
          rules.add(rule(random, direction.equals("egress")));
        }
        spec.put(direction, rules);
      }
    }
    return Map.of("metadata", Map.of("name", name), "spec", spec);
  }

  private static Map<String, Object> rule(Random random, boolean egress) {
    Map<String, Object> rule = new LinkedHashMap<>();
    String action = pick(random, "Accept", "Deny", "Pass");
    rule.put("action", action);
    List<Object> peers = new ArrayList<>();
    for (int i = random.nextInt(3); i >= 0; i--) {
      peers.add(peer(random, egress, action));
    }
    rule.put(egress ? "to" : "from", peers);
    if (random.nextInt(3) != 0) {
      List<Object> protocols = new ArrayList<>();
      for (int i = random.nextInt(3); i >= 0; i--) {
        protocols.add(protocol(random));
      }
      rule.put("protocols", protocols);
    }
    return rule;
  }

  private static Map<String, Object> peer(Random random, boolean egress, String action) {
    if (random.nextInt(40) == 0) {
      return Map.of("planets", List.of("mars"));
    }
    return switch (egress ? random.nextInt(6) : 5) {
      case 0, 1 ->
          Map.of(
              "networks",
              List.of(
                  pick(random, "0.0.0.0/0", "10.0.0.0/29", "10.0.0.3/32", "192.0.2.0/24"),
                  pick(random, "::/0", "fd00::/126", "2001:db8::/32", "10.0.8.0/22")));
      case 2 -> Map.of("nodes", selector(random));
      case 3 ->
          action.equals("Accept") || random.nextInt(10) == 0
              ? Map.of(
                  "domainNames",
                  List.of(
                      pick(random, "*.example.org", "Example.org", "c.test", "*.B.example.org")))
              : pods(random);
      default -> pods(random);
    };
  }

  private static Map<String, Object> pods(Random random) {
    return random.nextBoolean()
        ? Map.of("namespaces", selector(random))
        : Map.of(
            "pods", Map.of("namespaceSelector", selector(random), "podSelector", selector(random)));
  }

  private static Map<String, Object> protocol(Random random) {
    if (random.nextInt(4) == 0) {
      return Map.of("destinationNamedPort", pick(random, "web", "dns"));
    }
    Map<String, Object> port =
        random.nextInt(3) == 0
            ? Map.of("range", Map.of("start", 60, "end", 80 + random.nextInt(400)))
            : Map.of("number", PORTS[random.nextInt(PORTS.length)]);
    return Map.of(pick(random, "tcp", "udp", "sctp"), Map.of("destinationPort", port));
  }
}
