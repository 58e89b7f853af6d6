package io.portolan.policy.agent;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.portolan.common.net.IpAddress;
import io.portolan.policy.model.ClusterChange;
import io.portolan.policy.model.ClusterPod;
import io.portolan.policy.model.LocalPod;
import io.portolan.policy.model.NetworkPolicies;
import io.portolan.policy.model.PodName;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * 1,000 policies and 10,000 pods, every policy in use on the node: 50 namespaces in 5 teams, 20
 * applications each, 100 local pods.
 */
class PolicyScaleNetnsIT {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int NAMESPACES = 50;
  private static final int PODS = 10_000;

  @Test
  void aLabelChangeAmongAThousandPoliciesIsEnforcedInMilliseconds() throws Exception {
    RecordingObserver observer = new RecordingObserver();
    try (NetworkLab lab = new NetworkLab()) {
      Enforcer enforcer = new Enforcer(lab.tables(), () -> {}, observer, InstantSource.system());
      enforcer.start();
      List<ClusterChange> cluster = cluster();
      long begin = System.nanoTime();
      cluster.forEach(enforcer::apply);
      enforcer.synced();
      long applied = System.nanoTime();
      enforcer.commit();
      long loaded = System.nanoTime();
      assertThat(observer.take()).allMatch(line -> line.startsWith("committed"));
      System.out.printf(
          "measured: full load %d ms, of it membership %d ms%n",
          (loaded - begin) / 1_000_000, (applied - begin) / 1_000_000);
      report("label change of a remote pod", 1000, i -> enforcer.apply(relabelled(i, i)), enforcer);
      report("policy edited", 200, i -> enforcer.apply(edited(i)), enforcer);
      long[] label =
          report(
              "label change of a local pod",
              500,
              i -> enforcer.apply(relabelled(100 * (i % 100), i)),
              enforcer);
      assertThat(observer.take()).allMatch(line -> line.startsWith("committed"));
      enforcer.audit();
      assertThat(observer.take()).as("found by an audit").isEmpty();
      assertThat(label[label.length / 2]).as("median in ns").isLessThan(50_000_000);
    }
  }

  private interface Step {
    void take(int index);
  }

  private static long[] report(String what, int times, Step step, Enforcer enforcer) {
    long[] nanos = new long[times];
    for (int i = 0; i < times; i++) {
      long begin = System.nanoTime();
      step.take(i);
      enforcer.commit();
      nanos[i] = System.nanoTime() - begin;
    }
    java.util.Arrays.sort(nanos);
    System.out.printf(
        "measured: %s, compiled and committed: p50 %.2f ms, p99 %.2f ms%n",
        what, nanos[times / 2] / 1e6, nanos[times * 99 / 100] / 1e6);
    return nanos;
  }

  private static List<ClusterChange> cluster() throws Exception {
    List<ClusterChange> changes = new ArrayList<>();
    for (int n = 0; n < NAMESPACES; n++) {
      changes.add(new ClusterChange.NamespaceSeen("ns" + n, Map.of("team", "t" + n % 5)));
      for (int p = 0; p < 20; p++) {
        changes.add(policy(n, p, 8080));
      }
    }
    for (int i = 0; i < PODS; i++) {
      changes.add(pod(i, "app" + i / NAMESPACES % 20));
      if (i % 100 == 0) {
        changes.add(
            new ClusterChange.PodWired(
                new LocalPod(name(i), "uid" + i, "veth" + i, List.of(address(i)))));
      }
    }
    // Two local pods in every fifth namespace only would leave most policies unused.
    for (int n = 0; n < NAMESPACES; n++) {
      int i = n + NAMESPACES;
      changes.add(
          new ClusterChange.PodWired(
              new LocalPod(name(i), "uid" + i, "veth" + i, List.of(address(i)))));
    }
    return changes;
  }

  private static ClusterChange policy(int namespace, int number, int port) throws Exception {
    String text =
        "{'metadata':{'namespace':'ns%d','name':'p%d'},'spec':{'podSelector':{},'ingress':[{'from':["
                .formatted(namespace, number)
            + "{'podSelector':{'matchLabels':{'app':'app%d'}}},".formatted(number)
            + "{'namespaceSelector':{'matchLabels':{'team':'t%d'}},".formatted(number % 5)
            + "'podSelector':{'matchLabels':{'app':'app%d'}}},".formatted((number + 7) % 20)
            + "{'ipBlock':{'cidr':'172.16.%d.0/24'}}],'ports':[{'port':%d},{'port':80,'endPort':90}]}]}}"
                .formatted(number, port);
    return new ClusterChange.PolicySeen(
        NetworkPolicies.decode(JSON.readTree(text.replace('\'', '"'))));
  }

  private static ClusterChange edited(int index) {
    try {
      return policy(index % NAMESPACES, index % 20, 9000 + index);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private static ClusterChange relabelled(int index, int step) {
    return pod(index, "app" + (step + 1 + step / 20) % 20);
  }

  private static ClusterChange pod(int index, String app) {
    return new ClusterChange.PodSeen(
        new ClusterPod(
            name(index),
            "uid" + index,
            Map.of("app", app, "pod-template-hash", "h" + index % 97),
            "",
            false,
            List.of(address(index)),
            List.of(),
            Instant.EPOCH));
  }

  private static PodName name(int index) {
    return new PodName("ns" + index % NAMESPACES, "pod" + index);
  }

  private static IpAddress address(int index) {
    return IpAddress.parse(
        "10.%d.%d.%d".formatted(1 + index / 65536, index / 256 % 256, index % 256));
  }
}
