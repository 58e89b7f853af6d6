package io.portolan.policy.compile;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.portolan.common.net.IpAddress;
import io.portolan.policy.model.ClusterChange;
import io.portolan.policy.model.ClusterPod;
import io.portolan.policy.model.Direction;
import io.portolan.policy.model.LocalPod;
import io.portolan.policy.model.NetworkPolicies;
import io.portolan.policy.model.PodName;
import io.portolan.policy.nft.DesiredTable;
import io.portolan.policy.nft.Flow;
import io.portolan.policy.nft.FlowWalk;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Which rule of the API a connection met, as the rules of the kernel tell it. */
class RuleOriginTest {
  private static final String POLICY =
      """
      {"metadata":{"namespace":"shop","name":"db"},"spec":{"policyTypes":["Ingress"],"ingress":[
       {"from":[{"ipBlock":{"cidr":"10.9.0.0/16"}},{"ipBlock":{"cidr":"10.7.0.0/16"}},
        {"podSelector":{}}],"ports":[{"port":80},{"port":443}]},
       {"from":[{"ipBlock":{"cidr":"fd00::/16"}}],"ports":[{"port":80},{"port":53,"protocol":"UDP"}]},
       {"from":[{"ipBlock":{"cidr":"10.7.0.0/16"}}]}]}}
      """;

  @Test
  void everyKernelRuleKnowsItsRuleOfTheApi() throws Exception {
    DesiredTable table = new DesiredTable();
    PolicyCompiler compiler = new PolicyCompiler(table);
    PodName name = new PodName("shop", "db");
    List<IpAddress> addresses = List.of(IpAddress.parse("10.0.0.1"), IpAddress.parse("fd01::1"));
    List.of(
            new ClusterChange.NamespaceSeen("shop", Map.of()),
            new ClusterChange.PolicySeen(
                NetworkPolicies.decode(new ObjectMapper().readTree(POLICY))),
            new ClusterChange.PodSeen(
                new ClusterPod(
                    name, "uid", Map.of(), "", false, addresses, List.of(), Instant.EPOCH)),
            new ClusterChange.PodWired(new LocalPod(name, "uid", "veth", addresses)))
        .forEach(compiler::apply);
    compiler.settle();
    StringBuilder told = new StringBuilder();
    for (String line :
        """
        10.9.1.1 10.0.0.1 6 443
        10.9.1.1 10.0.0.1 6 444
        10.7.1.1 10.0.0.1 6 80
        10.7.1.1 10.0.0.1 17 80
        fd00::1 fd01::1 17 53
        fd00::1 fd01::1 17 54
        10.0.0.1 10.7.1.1 6 80
        """
            .lines()
            .toList()) {
      String[] parts = line.split(" ");
      Flow flow =
          new Flow(
              IpAddress.parse(parts[0]),
              IpAddress.parse(parts[1]),
              Integer.parseInt(parts[2]),
              Integer.parseInt(parts[3]));
      FlowWalk.Decision decision = new FlowWalk(table.image()).decide(Direction.INGRESS, flow);
      told.append(line).append(decision.allowed() ? " allow" : " deny");
      decision.path().stream()
          .skip(Math.max(0, decision.path().size() - 1))
          .forEach(step ->
              told.append(' ').append(compiler.origin(step.chain(), step.rule()).orElseThrow()));
      told.append('\n');
    }
    assertThat(told)
        .hasToString(
            """
            10.9.1.1 10.0.0.1 6 443 allow OfRule[tier=default, policy=np/shop/db, direction=INGRESS, rule=0]
            10.9.1.1 10.0.0.1 6 444 deny OfTierEnd[tier=default]
            10.7.1.1 10.0.0.1 6 80 allow OfRule[tier=default, policy=np/shop/db, direction=INGRESS, rule=0]
            10.7.1.1 10.0.0.1 17 80 allow OfRule[tier=default, policy=np/shop/db, direction=INGRESS, rule=2]
            fd00::1 fd01::1 17 53 allow OfRule[tier=default, policy=np/shop/db, direction=INGRESS, rule=1]
            fd00::1 fd01::1 17 54 deny OfTierEnd[tier=default]
            10.0.0.1 10.7.1.1 6 80 allow
            """);
  }
}
