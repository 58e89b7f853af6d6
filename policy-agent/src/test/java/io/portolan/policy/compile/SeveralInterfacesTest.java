package io.portolan.policy.compile;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.portolan.common.net.IpAddress;
import io.portolan.policy.model.ClusterChange;
import io.portolan.policy.model.ClusterPod;
import io.portolan.policy.model.EndpointId;
import io.portolan.policy.model.LocalPod;
import io.portolan.policy.model.NetworkPolicies;
import io.portolan.policy.model.PodName;
import io.portolan.policy.nft.DesiredTable;
import io.portolan.policy.nft.Flow;
import io.portolan.policy.nft.FlowWalk;
import io.portolan.policy.nft.Skeleton;
import io.portolan.policy.nft.TableDiff;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A pod with two interfaces: two endpoints of one pod, side by side. */
class SeveralInterfacesTest {
  private static final PodName CLOSED = new PodName("shop", "closed");
  private static final IpAddress FRIEND = IpAddress.parse("10.0.0.1");
  private static final IpAddress OTHER = IpAddress.parse("10.0.0.2");
  private static final IpAddress FIRST = IpAddress.parse("10.0.0.3");
  private static final IpAddress SECOND = IpAddress.parse("10.0.0.4");

  private final DesiredTable table = new DesiredTable();
  private final PolicyCompiler compiler = new PolicyCompiler(table);

  @BeforeEach
  void aClosedPodWithAFriend() throws Exception {
    feed(
        new ClusterChange.NamespaceSeen("shop", Map.of()),
        new ClusterChange.PolicySeen(
            NetworkPolicies.decode(
                new ObjectMapper()
                    .readTree(
                        """
                        {"metadata":{"namespace":"shop","name":"closed"},"spec":{
                         "podSelector":{"matchLabels":{"app":"closed"}},"policyTypes":["Ingress"],
                         "ingress":[{"from":[{"podSelector":{"matchLabels":{"app":"friend"}}}]}]}}
                        """))),
        pod("friend", FRIEND),
        pod("other", OTHER),
        pod("closed", FIRST));
  }

  private static ClusterChange pod(String name, IpAddress address) {
    return new ClusterChange.PodSeen(
        new ClusterPod(
            new PodName("shop", name),
            "uid-" + name,
            Map.of("app", name),
            "",
            false,
            List.of(address),
            List.of(),
            Instant.EPOCH));
  }

  private static LocalPod endpoint(String link, IpAddress address) {
    return new LocalPod(CLOSED, "uid-closed", link, List.of(address));
  }

  private void feed(ClusterChange... changes) {
    List.of(changes).forEach(compiler::apply);
    compiler.settle();
  }

  private void wired(String link, IpAddress address) {
    feed(new ClusterChange.PodWired(endpoint(link, address)));
  }

  private String text() {
    return TableDiff.rebuild(Skeleton.TABLE, table.image()).toString();
  }

  /** Who may reach which address of the pod. */
  private List<String> allowed() {
    List<String> allowed = new ArrayList<>();
    FlowWalk walk = new FlowWalk(table.image());
    for (IpAddress source : List.of(FRIEND, OTHER)) {
      for (IpAddress destination : List.of(FIRST, SECOND)) {
        if (walk.allows(new Flow(source, destination, 6, 80))) {
          allowed.add(source + " to " + destination);
        }
      }
    }
    return allowed;
  }

  @Test
  void eachInterfaceIsPolicedByItself() {
    wired("eni0", FIRST);
    assertThat(allowed()).contains("10.0.0.1 to 10.0.0.3").doesNotContain("10.0.0.2 to 10.0.0.3");
    assertThat(compiler.standing(new EndpointId("uid-closed", "eni0"))).isPresent();
    assertThat(compiler.standing(new EndpointId("uid-closed", "eni1"))).isEmpty();

    wired("eni1", SECOND);
    assertThat(allowed()).containsExactly("10.0.0.1 to 10.0.0.3", "10.0.0.1 to 10.0.0.4");
    assertThat(compiler.standing(new EndpointId("uid-closed", "eni1")))
        .isEqualTo(compiler.standing(new EndpointId("uid-closed", "eni0")))
        .isPresent();
  }

  @Test
  void theEndOfOneLeavesTheOtherAsIfItHadNeverBeen() {
    wired("eni0", FIRST);
    String alone = text();
    wired("eni1", SECOND);
    assertThat(text()).isNotEqualTo(alone);
    feed(new ClusterChange.PodUnwired(new EndpointId("uid-closed", "eni1")));
    assertThat(text()).isEqualTo(alone);

    wired("eni1", SECOND);
    feed(new ClusterChange.PodUnwired(new EndpointId("uid-closed", "eni0")));
    assertThat(allowed()).contains("10.0.0.1 to 10.0.0.4").doesNotContain("10.0.0.2 to 10.0.0.4");
    feed(new ClusterChange.PodUnwired(new EndpointId("uid-closed", "eni1")));
    assertThat(text()).doesNotContain("eni0").doesNotContain("eni1");
  }

  @Test
  void theNextSandboxTakesThePlaceOfTheInterfaceOfTheSameNameOnly() {
    IpAddress next = IpAddress.parse("10.0.0.5");
    wired("eni0", FIRST);
    wired("eni1", SECOND);
    wired("eni0", next);
    assertThat(compiler.locals()).containsExactly(endpoint("eni0", next), endpoint("eni1", SECOND));
    assertThat(text()).doesNotContain("10.0.0.3\"");
  }

  /** What a selector selects are all addresses of the pod, by whichever interface. */
  @Test
  void aPeerIsKnownByTheAddressesOfAllItsInterfaces() throws Exception {
    feed(
        new ClusterChange.PodWired(
            new LocalPod(new PodName("shop", "friend"), "uid-friend", "eni8", List.of(FRIEND))),
        new ClusterChange.PodWired(
            new LocalPod(
                new PodName("shop", "friend"),
                "uid-friend",
                "eni9",
                List.of(IpAddress.parse("10.0.0.9")))));
    wired("eni0", FIRST);
    FlowWalk walk = new FlowWalk(table.image());
    assertThat(walk.allows(new Flow(FRIEND, FIRST, 6, 80))).isTrue();
    assertThat(walk.allows(new Flow(IpAddress.parse("10.0.0.9"), FIRST, 6, 80))).isTrue();
    assertThat(walk.allows(new Flow(OTHER, FIRST, 6, 80))).isFalse();
  }
}
