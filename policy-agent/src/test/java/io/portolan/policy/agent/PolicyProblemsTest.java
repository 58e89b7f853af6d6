package io.portolan.policy.agent;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.portolan.policy.calico.StoredForm;
import io.portolan.policy.calico.StoredForm.Existing;
import io.portolan.policy.model.PolicyId;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** What is told of policies that are not enforced as they are written, and when. */
class PolicyProblemsTest {
  private static final String UID = "7f2c1d3e-0000-4000-8000-000000000001";
  private static final PolicyId WEB = new PolicyId(PolicyId.Kind.NETWORK_POLICY, "shop", "web");
  private static final PolicyId GUARD =
      new PolicyId(PolicyId.Kind.CLUSTER_NETWORK_POLICY, "", "guard");

  private static final Existing WEB_OBJECT = new Existing("networking.k8s.io/v1", "web");
  private static final Existing GUARD_OBJECT =
      new Existing("policy.networking.k8s.io/v1alpha2", "guard");

  private final StringBuilder told = new StringBuilder();
  private final PolicyProblems problems = new PolicyProblems();

  PolicyProblemsTest() {
    problems.tellBy((subject, severity, reason, message) ->
        told.append(subject)
            .append('\n')
            .append(severity)
            .append(' ')
            .append(reason)
            .append(": ")
            .append(message)
            .append('\n'));
  }

  @Test
  void everyProblemIsToldOnceAndSoIsItsEnd() {
    problems.read(GUARD, GUARD_OBJECT, "", List.of());
    for (int i = 0; i < 2; i++) {
      problems.read(WEB, WEB_OBJECT, UID, List.of("spec.x: what?", "spec.y: how?"));
    }
    assertThat(problems.notUnderstood()).isEqualTo(1);
    problems.read(WEB, WEB_OBJECT, UID, List.of());
    problems.unreadable(GUARD, GUARD_OBJECT, "odd", "spec.subject: none");
    problems.unreadable(GUARD, GUARD_OBJECT, "odd", "spec.subject: none");
    assertThat(problems.notUnderstood()).isEqualTo(1);
    problems.leftOut(new TreeMap<>(Map.of(WEB, "EMLINK")));
    problems.leftOut(new TreeMap<>(Map.of(WEB, "EMLINK", GUARD, "ENOMEM")));
    problems.leftOut(new TreeMap<>(Map.of(GUARD, "ENOMEM")));
    problems.gone(GUARD);
    problems.leftOut(new TreeMap<>());
    assertThat(problems.notUnderstood()).isZero();
    assertThat(told)
        .hasToString(
            """
            Subject[apiVersion=networking.k8s.io/v1, kind=NetworkPolicy, namespace=shop, name=web, uid=7f2c1d3e-0000-4000-8000-000000000001]
            WARNING NotUnderstood: Not enforced as it is written; what is not understood allows nothing, and denies everything where it would deny or pass on: spec.x: what?; spec.y: how?
            Subject[apiVersion=networking.k8s.io/v1, kind=NetworkPolicy, namespace=shop, name=web, uid=7f2c1d3e-0000-4000-8000-000000000001]
            NORMAL Understood: All of the policy is understood now.
            Subject[apiVersion=policy.networking.k8s.io/v1alpha2, kind=ClusterNetworkPolicy, namespace=, name=guard, uid=]
            WARNING NotEnforced: Not enforced at all: spec.subject: none
            Subject[apiVersion=networking.k8s.io/v1, kind=NetworkPolicy, namespace=shop, name=web, uid=7f2c1d3e-0000-4000-8000-000000000001]
            WARNING NotProgrammed: The kernel refuses it, so it is closed: it selects what it did and allows nothing. It is tried again when it changes, and from time to time. EMLINK
            Subject[apiVersion=policy.networking.k8s.io/v1alpha2, kind=ClusterNetworkPolicy, namespace=, name=guard, uid=]
            WARNING NotProgrammed: The kernel refuses it, so it is closed: it selects what it did and allows nothing. It is tried again when it changes, and from time to time. ENOMEM
            Subject[apiVersion=networking.k8s.io/v1, kind=NetworkPolicy, namespace=shop, name=web, uid=7f2c1d3e-0000-4000-8000-000000000001]
            NORMAL Programmed: The kernel takes it again.
            """);
  }

  @Test
  void anObjectIsNamedAsItExists() throws Exception {
    PolicyId id = new PolicyId(PolicyId.Kind.CALICO_NETWORK_POLICY, "shop", "web");
    JsonNode shown =
        new ObjectMapper().readTree("{\"metadata\":{\"name\":\"web\",\"namespace\":\"shop\"}}");
    JsonNode stored =
        new ObjectMapper()
            .readTree("{\"metadata\":{\"name\":\"default.web\",\"namespace\":\"shop\"}}");
    for (JsonNode object : List.of(shown, StoredForm.used("NetworkPolicy", stored))) {
      assertThat(object.at("/metadata/name").asText()).isEqualTo("web");
      problems.read(id, StoredForm.existing(object, "projectcalico.org/v3"), "", List.of("x"));
      problems.gone(id);
    }
    assertThat(told.toString().lines().filter(line -> line.startsWith("Subject")))
        .containsExactly(
            "Subject[apiVersion=projectcalico.org/v3, kind=NetworkPolicy, namespace=shop, name=web,"
                + " uid=]",
            "Subject[apiVersion=crd.projectcalico.org/v1, kind=NetworkPolicy, namespace=shop,"
                + " name=default.web, uid=]");
  }
}
