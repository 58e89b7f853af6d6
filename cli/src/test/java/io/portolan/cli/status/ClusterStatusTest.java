package io.portolan.cli.status;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import org.junit.jupiter.api.Test;

/** The whole answer for a cluster in which each kind of thing is there. */
final class ClusterStatusTest {
  private static final String NODES =
      """
      items:
        - metadata: {name: node-2}
        - metadata: {name: node-1}
        - metadata: {name: node-3}
        - metadata: {name: node-4}
      """;
  private static final String NETWORKS =
      """
      items:
        - metadata: {name: node-1}
          spec: {provider: aws, instanceType: m5.large, zone: eu-central-1a}
          status:
            supply: {counts: {capacity: 27, assigned: 9, demand: 4}}
            use: {inUse: 4, cooling: 1}
            conditions:
              - {type: Ready, status: "True", reason: Supplied, message: m}
              - {type: AddressesAvailable, status: "True", reason: Enough, message: m}
              - {type: Degraded, status: "False", reason: Normal, message: m}
        - metadata: {name: node-2}
          spec: {provider: aws, instanceType: m5.large, zone: eu-central-1b}
          status:
            supply: {counts: {capacity: 27, assigned: 9, demand: 12}}
            conditions:
              - {type: Ready, status: "True", reason: Supplied, message: m}
              - {type: AddressesAvailable, status: "False", reason: SubnetExhausted, message: 3 are missing}
              - {type: Degraded, status: "True", reason: SubnetFragmented, message: no whole /28}
      """;
  private static final String PODS =
      """
      items:
        - metadata: {labels: {app.kubernetes.io/name: portolan-aws-vpc}}
          spec: {nodeName: node-1, containers: [{image: "reg.example:5000/portolan/controller-aws:0.1.0"}]}
          status: {conditions: [{type: Ready, status: "True"}]}
        - metadata: {labels: {app.kubernetes.io/name: portolan-agent}}
          spec: {nodeName: node-1, containers: [{image: "reg.example:5000/portolan/node:0.2.0"}]}
          status: {conditions: [{type: Ready, status: "True"}]}
        - metadata: {labels: {app.kubernetes.io/name: portolan-agent}}
          spec: {nodeName: node-2, containers: [{image: "reg.example:5000/portolan/node:0.1.0"}]}
          status: {conditions: [{type: Ready, status: "False"}]}
        - metadata: {labels: {app.kubernetes.io/name: portolan-policy-agent}}
          spec: {nodeName: node-3, containers: [{image: "reg.example:5000/portolan/policy-agent"}]}
          status: {conditions: [{type: Ready, status: "True"}]}
      """;

  private static JsonNode yaml(String text) throws JsonProcessingException {
    return new ObjectMapper(new YAMLFactory()).readTree(text);
  }

  @Test
  void saysWhatThereIsAndWhatIsWrong() throws JsonProcessingException {
    ClusterStatus status = ClusterStatus.of(yaml(NODES), yaml(NETWORKS), yaml(PODS));

    assertThat(StatusTable.of(status))
        .isEqualTo(
            """
            NODE    MODE      TYPE      ZONE           CAPACITY  ASSIGNED  DEMAND  IN USE  COOLING  AGENT   HEALTH
            node-1  aws       m5.large  eu-central-1a  27        9         4       4       1        0.2.0   ok
            node-2  aws       m5.large  eu-central-1b  27        9         12      0       0        0.1.0   AddressesAvailable=False SubnetExhausted: 3 are missing
                                                                                                            Degraded=True SubnetFragmented: no whole /28
                                                                                                            agent not ready
            node-3  external  -         -              -         -         -       -       -        latest  ok
            node-4  none      -         -              -         -         -       -       -        -       no agent

            PROGRAM                READY  VERSION
            portolan-agent         1/2    0.1.0, 0.2.0
            portolan-aws-vpc       1/1    0.1.0
            portolan-policy-agent  1/1    latest
            """);
    assertThat(status.hasProblems()).isTrue();
  }

  @Test
  void nothingIsWrongWithoutAProblem() throws JsonProcessingException {
    ClusterStatus status =
        ClusterStatus.of(
            yaml("items: [{metadata: {name: node-3}}]"),
            yaml("{}"),
            yaml(
                PODS.substring(0, PODS.indexOf("  - metadata"))
                    + PODS.substring(PODS.lastIndexOf("  - metadata"))));

    assertThat(StatusTable.of(status))
        .isEqualTo(
            """
            NODE    MODE      TYPE  ZONE  CAPACITY  ASSIGNED  DEMAND  IN USE  COOLING  AGENT   HEALTH
            node-3  external  -     -     -         -         -       -       -        latest  ok

            PROGRAM                READY  VERSION
            portolan-policy-agent  1/1    latest
            """);
    assertThat(status.hasProblems()).isFalse();
  }
}
