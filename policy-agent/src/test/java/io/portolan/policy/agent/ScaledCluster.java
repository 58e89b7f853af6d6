package io.portolan.policy.agent;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.portolan.common.net.IpAddress;
import io.portolan.policy.model.ClusterChange;
import io.portolan.policy.model.ClusterPod;
import io.portolan.policy.model.LocalPod;
import io.portolan.policy.model.NetworkPolicies;
import io.portolan.policy.model.NotUnderstoodException;
import io.portolan.policy.model.PodName;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * A large cluster, and a full node of it that every policy is in use on: 100 namespaces in 5 teams,
 * 20 applications each, 110 pods on the node from all the namespaces, and every policy selects all
 * pods of its namespace.
 *
 * <p>A policy lets in an application of its namespace, an application of a team and a block of
 * addresses, at a port and a range of ports.
 *
 * @param policies of the cluster; spread evenly over the namespaces
 * @param pods of the cluster, the node's included
 */
record ScaledCluster(int policies, int pods) {
  static final int NAMESPACES = 100;
  static final int LOCAL_PODS = 110;
  static final int APPLICATIONS = 20;
  private static final int TEAMS = 5;
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Gives everything to a sink, one at a time: a list of all would be measured as memory. */
  void describe(Consumer<ClusterChange> sink) {
    for (int n = 0; n < NAMESPACES; n++) {
      sink.accept(new ClusterChange.NamespaceSeen("ns" + n, Map.of("team", "t" + n % TEAMS)));
    }
    for (int number = 0; number < policies; number++) {
      sink.accept(policy(number, 8080));
    }
    for (int number = 0; number < pods; number++) {
      sink.accept(pod(number, application(number)));
      if (number < LOCAL_PODS) {
        sink.accept(
            new ClusterChange.PodWired(
                new LocalPod(
                    name(number), "uid" + number, "veth" + number, List.of(address(number)))));
      }
    }
  }

  /** A policy with another port. */
  static ClusterChange policy(int number, int port) {
    int index = number / NAMESPACES;
    String text =
        "{'metadata':{'namespace':'ns%d','name':'p%d'},'spec':{'podSelector':{},'ingress':[{'from':["
                .formatted(number % NAMESPACES, index)
            + "{'podSelector':{'matchLabels':{'app':'app%d'}}},".formatted(index % APPLICATIONS)
            + "{'namespaceSelector':{'matchLabels':{'team':'t%d'}},".formatted(index % TEAMS)
            + "'podSelector':{'matchLabels':{'app':'app%d'}}},"
                .formatted((index + 7) % APPLICATIONS)
            + "{'ipBlock':{'cidr':'172.16.%d.0/24'}}],".formatted(index % 256)
            + "'ports':[{'port':%d},{'port':80,'endPort':90}]}]}}".formatted(port);
    try {
      return new ClusterChange.PolicySeen(
          NetworkPolicies.decode(JSON.readTree(text.replace('\'', '"'))));
    } catch (JsonProcessingException | NotUnderstoodException e) {
      throw new IllegalStateException(text, e);
    }
  }

  /** A pod with the label of an application, which need not be the one it began with. */
  static ClusterChange pod(int number, int application) {
    return new ClusterChange.PodSeen(
        new ClusterPod(
            name(number),
            "uid" + number,
            Map.of("app", "app" + application, "pod-template-hash", "h" + number % 97),
            "",
            false,
            List.of(address(number)),
            List.of(),
            Instant.EPOCH));
  }

  /** The application a pod begins with. */
  static int application(int number) {
    return number / NAMESPACES % APPLICATIONS;
  }

  private static PodName name(int number) {
    return new PodName("ns" + number % NAMESPACES, "pod" + number);
  }

  static IpAddress address(int number) {
    return IpAddress.parse(
        "10.%d.%d.%d".formatted(1 + number / 65536, number / 256 % 256, number % 256));
  }
}
