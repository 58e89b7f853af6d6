package io.portolan.policy.cases;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Staged policies decide nothing; answers tell what they would. */
class StagedCasesTest {
  private static final String PODS =
      """
      {"apiVersion":"v1","kind":"Pod","metadata":{"name":"web"},"status":{"podIP":"10.0.0.1"}},
      {"apiVersion":"v1","kind":"Pod","metadata":{"name":"db","labels":{"app":"db"}},"status":{"podIP":"10.0.0.2"}}
      """;
  private static final String PROBE =
      "{\"from\":\"default/web\",\"to\":\"default/db\",\"protocol\":\"TCP\",\"port\":5432}";

  private static String policy(String kind, String metadata, String spec) {
    boolean kubernetes = kind.equals("NetworkPolicy/k8s");
    return ",{\"apiVersion\":\"%s\",\"kind\":\"%s\",\"metadata\":{%s},\"spec\":{%s}}"
        .formatted(
            kubernetes ? "networking.k8s.io/v1" : "projectcalico.org/v3",
            kubernetes ? "NetworkPolicy" : kind,
            metadata.replace('\'', '"'),
            spec.replace('\'', '"'));
  }

  private static String answer(List<String> notes, String... policies) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    PolicyCases.answerCases(
        new ByteArrayInputStream(
            ("{\"id\":\"a\",\"objects\":["
                    + PODS
                    + String.join("", policies)
                    + "],\"probes\":["
                    + PROBE
                    + "]}")
                .replace("\n", "")
                .getBytes(StandardCharsets.UTF_8)),
        out,
        notes::add);
    return out.toString(StandardCharsets.UTF_8)
        .strip()
        .replaceAll("\\{.*\"verdict\":", "")
        .replaceAll("\"egress\":[^}]*},", "")
        .replaceAll("\"|}", "")
        .replaceAll("(stagedD|d)ecidedBy:\\{ingress:\\{", "");
  }

  private static String answer(String... policies) throws IOException {
    return answer(new ArrayList<>(), policies);
  }

  private static final String DENY = "'selector':'has(app)','ingress':[{'action':'Deny'}]";

  @Test
  void whatIsStagedIsToldAndNotEnforced() throws IOException {
    assertThat(answer(policy("StagedNetworkPolicy", "'name':'p'", DENY)))
        .isEqualTo(
            "allow,default:no"
                + " policy,stagedVerdict:deny,tier:default,policy:calico/default/p,rule:0");
    assertThat(answer(policy("StagedGlobalNetworkPolicy", "'name':'p'", DENY)))
        .isEqualTo("allow,default:no policy,stagedVerdict:deny,tier:default,policy:gnp/p,rule:0");
    assertThat(
            answer(
                policy(
                    "StagedKubernetesNetworkPolicy",
                    "'name':'p'",
                    "'stagedAction':'Set','podSelector':{}")))
        .isEqualTo("allow,default:no policy,stagedVerdict:deny,tier:default,default:end of tier");
    assertThat(
            answer(policy("StagedNetworkPolicy", "'name':'p'", "'stagedAction':'Learn'," + DENY)))
        .contains("stagedVerdict:deny");
  }

  @Test
  void theEnforcedOneOfTheSameNameIsReplacedOrGone() throws IOException {
    String enforced = policy("NetworkPolicy", "'name':'p'", DENY);
    assertThat(answer(enforced)).isEqualTo("deny,tier:default,policy:calico/default/p,rule:0");
    assertThat(
            answer(
                enforced,
                policy(
                    "StagedNetworkPolicy",
                    "'name':'p'",
                    "'ingress':[{'action':'Log'},{'action':'Allow'}]")))
        .isEqualTo(
            "deny,tier:default,policy:calico/default/p,rule:0,stagedVerdict:allow,tier:default,policy:calico/default/p,rule:1");
    assertThat(
            answer(
                enforced, policy("StagedNetworkPolicy", "'name':'p'", "'stagedAction':'Delete'")))
        .isEqualTo(
            "deny,tier:default,policy:calico/default/p,rule:0,stagedVerdict:allow,default:no"
                + " policy");
    assertThat(
            answer(
                policy("NetworkPolicy/k8s", "'name':'p'", "'podSelector':{}"),
                policy("StagedKubernetesNetworkPolicy", "'name':'p'", "'stagedAction':'Delete'")))
        .isEqualTo("deny,tier:default,default:end of tier,stagedVerdict:allow,default:no policy");
    assertThat(
            answer(
                enforced,
                policy("StagedNetworkPolicy", "'name':'other'", "'stagedAction':'Delete'")))
        .contains("stagedVerdict:deny");
  }

  @Test
  void whatIsIgnoredIsNotThere() throws IOException {
    assertThat(
            answer(policy("StagedNetworkPolicy", "'name':'p'", "'stagedAction':'Ignore'," + DENY)))
        .isEqualTo("allow,default:no policy");
    assertThat(answer(policy("StagedNetworkPolicy", "'name':'p'", "'stagedAction':'Drop'")))
        .contains("StagedNetworkPolicy default/p: spec.stagedAction: expected Set, Delete, Learn");
  }
}
