package io.portolan.policy.cases;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.portolan.common.kube.NodeAddressesRecord;
import io.portolan.common.net.IpAddress;
import io.portolan.common.net.IpFamily;
import io.portolan.policy.compile.NaiveHosts;
import io.portolan.policy.compile.RandomHosts;
import io.portolan.policy.compile.RandomHosts.HostFlow;
import io.portolan.policy.compile.RandomHosts.Way;
import io.portolan.policy.model.ClusterChange;
import io.portolan.policy.model.Protocol;
import io.portolan.policy.nft.Flow;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SequencedMap;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * Answers about addresses of a node against Calico's text; packets meet the same text elsewhere.
 */
class RandomHostAnswersTest {
  private final long seed = Long.getLong("portolan.seed", System.nanoTime());

  @Test
  void answersAreWhatTheTextSays() throws Exception {
    Map<String, Integer> compared = new TreeMap<>();
    for (int i = 0; i < 300; i++) {
      Random random = new Random(seed + i);
      RandomHosts drawn = RandomHosts.draw(random);
      RandomHosts hosts =
          new RandomHosts(
              drawn.calico(),
              drawn.endpoints().stream().map(RandomHostAnswersTest::tidy).toList(),
              drawn.felix());
      NaiveHosts text = new NaiveHosts(hosts);
      ProbedCluster cluster = new ProbedCluster();
      cluster.become(state(hosts));
      Map<String, String> expected = new LinkedHashMap<>();
      Map<String, String> found = new LinkedHashMap<>();
      for (HostFlow drawnFlow : hosts.hostFlows(random)) {
        Flow flow = drawnFlow.flow();
        // Of the node's addresses those drawn are eth0's.
        HostFlow host = new HostFlow(drawnFlow.way(), "eth0", "eth0", flow);
        IpAddress peer = host.way() == Way.IN ? flow.source() : flow.destination();
        if (host.way() == Way.THROUGH
            || !flow.addressed().equals(flow.destination())
            || RandomHosts.INTERFACES.values().stream().anyMatch(own -> own.contains(peer))
            || cluster.holders().node(peer).isPresent()) {
          continue;
        }
        ProbeAnswer answer =
            cluster.answer(
                new Probe(
                    new ProbeEnd.OfAddress(flow.source()),
                    new ProbeEnd.OfAddress(flow.destination()),
                    flow.source().isIpv4() ? IpFamily.IPV4 : IpFamily.IPV6,
                    new Protocol(flow.protocol()),
                    flow.sourcePort(),
                    flow.port()));
        boolean allowed = text.outcome(host).allowed();
        expected.put(host.toString(), "" + allowed);
        found.put(host.toString(), "" + answer.allowed());
        compared.merge(host.way() + " " + allowed, 1, Integer::sum);
      }
      assertThat(found).as("seed %d: %s", seed + i, hosts).isEqualTo(expected);
    }
    System.out.println("seed " + seed + ": " + compared);
    assertThat(compared.values()).hasSize(4).allMatch(count -> count > 100);
  }

  /** As somebody writes it who knows what addresses the interfaces have. */
  private static JsonNode tidy(JsonNode endpoint) {
    String link = endpoint.at("/spec/interfaceName").asText();
    if (link.equals("*")) {
      return endpoint;
    }
    Set<String> expected = new LinkedHashSet<>();
    endpoint.at("/spec/expectedIPs").forEach(address -> expected.add(address.asText()));
    RandomHosts.INTERFACES.forEach((name, addresses) -> {
      List<String> own = addresses.stream().map(IpAddress::toString).toList();
      boolean isMeant =
          link.isEmpty() ? own.stream().anyMatch(expected::contains) : link.equals(name);
      own.forEach(expected::remove);
      if (isMeant) {
        expected.addAll(own);
      }
    });
    ObjectNode tidy = endpoint.deepCopy();
    ArrayNode list = ((ObjectNode) tidy.path("spec")).putArray("expectedIPs");
    expected.forEach(list::add);
    return tidy;
  }

  private static ClusterState state(RandomHosts hosts) throws Exception {
    SequencedMap<ClusterState.ObjectName, ClusterObject.Fact> facts = new LinkedHashMap<>();
    for (ClusterChange change : hosts.changes()) {
      // Pods are judged elsewhere.
      if (!(change instanceof ClusterChange.PodWired)
          && !(change instanceof ClusterChange.ThisNode)) {
        facts.put(
            new ClusterState.ObjectName("", "", "", "" + facts.size()),
            new ClusterObject.Fact(change, change, "", List.of()));
      }
    }
    List<IpAddress> own = new ArrayList<>();
    RandomHosts.INTERFACES.values().forEach(own::addAll);
    return new ClusterState(
        Map.of(),
        Map.of(RandomHosts.NODE, new NodeAddressesRecord(RandomHosts.NODE, Map.of(), own)),
        facts,
        new LinkedHashMap<>());
  }
}
