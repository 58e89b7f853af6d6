package io.portolan.policy.compile;

import io.portolan.common.net.IpAddress;
import io.portolan.policy.compile.RandomCluster.TestPod;
import io.portolan.policy.model.Direction;
import io.portolan.policy.nft.Flow;
import io.portolan.sim.policy.ClusterPolicyText;
import io.portolan.sim.policy.Connection;
import io.portolan.sim.policy.PolicyText;
import java.util.List;
import java.util.Optional;

/** What this node is to do by the text of the API: the text, asked by address. */
public final class NaiveEvaluator {
  private final RandomCluster cluster;
  private final ClusterPolicyText text;

  public NaiveEvaluator(RandomCluster cluster) {
    this.cluster = cluster;
    this.text =
        new ClusterPolicyText(
            cluster.tiers().policies(),
            new PolicyText(cluster.policies(), cluster.namespaces()),
            cluster.namespaces(),
            cluster.tiers().nodes(),
            cluster.tiers().domains());
  }

  public boolean allows(Flow flow) {
    return allows(Direction.EGRESS, flow) && allows(Direction.INGRESS, flow);
  }

  boolean allows(Direction direction, Flow flow) {
    Optional<TestPod> source = podAt(flow.source());
    Optional<TestPod> destination = podAt(flow.destination());
    Optional<TestPod> subject = direction == Direction.EGRESS ? source : destination;
    // Only this node's pods are judged here, and a pod cannot be kept from its own address.
    boolean toItself = source.equals(destination);
    if (subject.filter(TestPod::local).isEmpty()
        || (toItself && flow.addressed().equals(flow.destination()))) {
      return true;
    }
    PolicyText.Direction end =
        switch (direction) {
          case INGRESS -> PolicyText.Direction.INGRESS;
          case EGRESS -> PolicyText.Direction.EGRESS;
        };
    return text.allows(
        end,
        new Connection(
            end(source, flow.source()),
            end(destination, flow.destination()),
            flow.protocol(),
            flow.port()),
        toItself);
  }

  private static Connection.End end(Optional<TestPod> pod, IpAddress address) {
    return new Connection.End(pod.map(NaiveEvaluator::known), List.of(address));
  }

  private static Connection.Pod known(TestPod pod) {
    return new Connection.Pod(
        pod.namespace(),
        pod.labels(),
        pod.ports().stream()
            .map(port ->
                new Connection.NamedPort(port.name(), port.protocol().number(), port.number()))
            .toList());
  }

  /** Finished pods own no address, and pods in the host's network are not known by theirs. */
  private Optional<TestPod> podAt(IpAddress address) {
    return cluster.pods().stream()
        .filter(pod -> !pod.finished() && !pod.hostNetwork() && pod.addresses().contains(address))
        .findFirst();
  }
}
