package io.portolan.policy.compile;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.portolan.common.net.IpAddress;
import io.portolan.policy.calico.CalicoKinds;
import io.portolan.policy.model.ClusterChange;
import io.portolan.policy.model.ClusterNetworkPolicies;
import io.portolan.policy.model.ClusterPod;
import io.portolan.policy.model.Direction;
import io.portolan.policy.model.LocalPod;
import io.portolan.policy.model.NetworkPolicies;
import io.portolan.policy.model.PodName;
import io.portolan.policy.nft.Flow;
import io.portolan.policy.nft.FlowWalk;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What pods open to their own node: NetworkPolicy always allows it, ClusterNetworkPolicy and Calico
 * judge it.
 */
class OwnNodeTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final IpAddress POD = IpAddress.parse("10.0.0.1");
  private static final IpAddress NODE = IpAddress.parse("198.18.0.1");

  private final long seed = Long.getLong("portolan.seed", System.nanoTime());

  /**
   * @param objects {@code kind name spec}, separated by bars; all select the pod
   */
  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      textBlock =
          """
          no policy                          ; ``                                                                          ; true
          NetworkPolicy denies all else      ; np p {'podSelector':{},'policyTypes':['Egress']}                            ; true
          Calico denies it                   ; gnp p {'egress':[{'action':'Deny'}]}                                        ; false
          Calico at the end of its tier      ; gnp p {'types':['Egress']}                                                  ; false
          Calico allows it                   ; gnp p {'egress':[{'action':'Allow','destination':{'nets':['198.18.0.1/32']}}]} ; true
          Calico before NetworkPolicy        ; gnp p {'order':999,'egress':[{'action':'Deny'}]}|np p {'podSelector':{},'policyTypes':['Egress']} ; false
          Calico behind NetworkPolicy        ; gnp p {'order':1001,'egress':[{'action':'Deny'}]}|np p {'podSelector':{},'policyTypes':['Egress']} ; true
          Calico passes, NetworkPolicy is skipped, Baseline denies ; gnp p {'order':9,'egress':[{'action':'Pass'}]}|np p {'podSelector':{},'policyTypes':['Egress']}|cnp b {'tier':'Baseline','priority':1,'subject':{'namespaces':{}},'egress':[{'action':'Deny','to':[{'networks':['198.18.0.0/16']}]}]} ; false
          Admin denies before NetworkPolicy  ; np p {'podSelector':{},'policyTypes':['Egress']}|cnp a {'tier':'Admin','priority':1,'subject':{'namespaces':{}},'egress':[{'action':'Deny','to':[{'networks':['198.18.0.0/16']}]}]} ; false
          Admin says nothing of it           ; cnp a {'tier':'Admin','priority':1,'subject':{'namespaces':{}},'egress':[{'action':'Deny','to':[{'networks':['192.0.2.0/24']}]}]} ; true
          Baseline denies without NetworkPolicy ; cnp b {'tier':'Baseline','priority':1,'subject':{'namespaces':{}},'egress':[{'action':'Deny','to':[{'networks':['198.18.0.0/16']}]}]} ; false
          NetworkPolicy decides before Baseline ; np p {'podSelector':{},'policyTypes':['Egress']}|cnp b {'tier':'Baseline','priority':1,'subject':{'namespaces':{}},'egress':[{'action':'Deny','to':[{'networks':['198.18.0.0/16']}]}]} ; true
          """)
  void decides(String sentence, String objects, boolean allowed) throws Exception {
    List<ClusterChange> changes =
        new ArrayList<>(
            List.of(
                new ClusterChange.NamespaceSeen("shop", Map.of()),
                new ClusterChange.PodSeen(
                    new ClusterPod(
                        new PodName("shop", "web"),
                        "uid",
                        Map.of(),
                        "",
                        false,
                        List.of(POD),
                        List.of(),
                        Instant.EPOCH)),
                new ClusterChange.PodWired(
                    new LocalPod(new PodName("shop", "web"), "uid", "vweb", List.of(POD)))));
    for (String object : objects.isEmpty() ? new String[0] : objects.split("\\|", -1)) {
      changes.add(object(object));
    }
    assertThat(
            new FlowWalk(new CompiledNode().feed(changes).table.image())
                .decideToOwnNode(new Flow(POD, NODE, 6, 80))
                .allowed())
        .as(sentence)
        .isEqualTo(allowed);
  }

  private static ClusterChange object(String text) throws Exception {
    String[] parts = text.split(" ", 3);
    ObjectNode object = JSON.createObjectNode();
    ObjectNode metadata = object.putObject("metadata").put("name", parts[1]);
    object.set("spec", JSON.readTree(parts[2].replace('\'', '"')));
    return switch (parts[0]) {
      case "np" -> {
        metadata.put("namespace", "shop");
        yield new ClusterChange.PolicySeen(NetworkPolicies.decode(object));
      }
      case "cnp" -> new ClusterChange.PolicySeen(ClusterNetworkPolicies.decode(object));
      default ->
          CalicoKinds.own("globalnetworkpolicies").seen().apply(object).change().orElseThrow();
    };
  }

  /** As if every NetworkPolicy allowed all that pods open. */
  @Test
  void agreesWithTheTextInAllTiers() throws Exception {
    int denied = 0;
    for (int i = 0; i < 1500; i++) {
      Random random = new Random(seed + i);
      RandomCluster cluster = RandomCluster.drawTiered(random);
      NaiveEvaluator expected = new NaiveEvaluator(open(cluster));
      CompiledNode node = new CompiledNode(CompiledNode.limits(random));
      FlowWalk walk = new FlowWalk(node.feed(cluster.changes()).table.image());
      for (Flow flow : cluster.flows(random)) {
        if (flow.source().equals(flow.destination())) {
          continue;
        }
        boolean allows = expected.allows(Direction.EGRESS, flow);
        assertThat(walk.decideToOwnNode(flow).allowed())
            .as("seed %d: %s in %s", seed + i, flow, cluster)
            .isEqualTo(allows);
        denied += allows ? 0 : 1;
      }
    }
    assertThat(denied).isGreaterThan(300);
  }

  @Test
  void agreesWithTheTextOfCalico() throws Exception {
    int denied = 0;
    for (int i = 0; i < 1000; i++) {
      Random random = new Random(seed + i);
      RandomCalico drawn = RandomCalico.draw(random);
      NaiveCalico expected =
          new NaiveCalico(
              new RandomCalico(
                  open(drawn.cluster()),
                  drawn.accounts(),
                  drawn.sets(),
                  drawn.tiers(),
                  drawn.slices(),
                  drawn.policies()));
      CompiledNode node = new CompiledNode(CompiledNode.limits(random));
      FlowWalk walk = new FlowWalk(node.feed(drawn.changes()).table.image());
      for (Flow flow : drawn.flows(random)) {
        if (expected.isOfOnePod(flow)) {
          continue;
        }
        boolean allows = expected.allows(Direction.EGRESS, flow);
        assertThat(walk.decideToOwnNode(flow).allowed())
            .as("seed %d: %s in %s", seed + i, flow, drawn)
            .isEqualTo(allows);
        denied += allows ? 0 : 1;
      }
    }
    assertThat(denied).isGreaterThan(1_000);
  }

  private static RandomCluster open(RandomCluster cluster) throws Exception {
    List<JsonNode> policies = new ArrayList<>();
    for (JsonNode policy : cluster.policies()) {
      ObjectNode copy = policy.deepCopy();
      ObjectNode spec = (ObjectNode) copy.path("spec");
      ArrayNode types = JSON.createArrayNode();
      for (Direction direction : NetworkPolicies.decode(policy).directions()) {
        types.add(direction == Direction.EGRESS ? "Egress" : "Ingress");
      }
      spec.set("policyTypes", types);
      spec.putArray("egress").addObject();
      policies.add(copy);
    }
    return new RandomCluster(cluster.namespaces(), cluster.pods(), policies, cluster.tiers());
  }
}
