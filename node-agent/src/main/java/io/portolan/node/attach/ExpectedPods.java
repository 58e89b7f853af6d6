package io.portolan.node.attach;

import io.portolan.common.kube.PodRecord;
import io.portolan.node.endpoint.HostInterfaceName;
import io.portolan.node.endpoint.PodIdentity;
import io.portolan.node.ipam.Earmark;
import io.portolan.node.ipam.Ledger;
import io.portolan.policy.PodEndpoint;
import io.portolan.policy.agent.PodListener;
import io.portolan.policy.model.PodName;
import java.util.HashMap;
import java.util.Map;

/**
 * Does for a pod, as soon as the scheduler has given it to this node, what does not need its
 * sandbox: keeps addresses for it and puts its policy into the kernel. The kubelet needs some tens
 * of milliseconds from there to ADD, for volumes, cgroups and the sandbox's process.
 *
 * <p>Nothing depends on it. Where there is no free address yet, or the watch is late, ADD does all
 * by itself. A crash forgets what was kept, and the next start keeps it anew.
 */
public final class ExpectedPods implements PodListener {
  private final String node;
  private final Ledger ledger;
  private final PolicyAdmission policy;
  private final HostInterfaceName names;

  // Guarded by this.
  private final Map<PodName, PodIdentity> bound = new HashMap<>();

  /**
   * @param node this node's name
   */
  public ExpectedPods(String node, Ledger ledger, PolicyAdmission policy, HostInterfaceName names) {
    this.node = node;
    this.ledger = ledger;
    this.policy = policy;
    this.names = names;
  }

  @Override
  public synchronized void seen(PodRecord pod) {
    PodName name = new PodName(pod.namespace(), pod.name());
    if (!pod.node().equals(node) || !pod.needsAddress() || pod.terminating()) {
      gone(name);
      return;
    }
    PodIdentity identity = new PodIdentity(pod.namespace(), pod.name(), pod.uid());
    PodIdentity before = bound.get(name);
    if (before != null && !before.equals(identity)) {
      gone(name);
    }
    bound.put(name, identity);
    prepare(identity);
  }

  @Override
  public synchronized void gone(PodName name) {
    PodIdentity pod = bound.remove(name);
    if (pod != null) {
      withdraw(pod);
    }
  }

  /** The cloud has given addresses, or taken some. */
  public synchronized void supplied() {
    bound
        .values()
        .forEach(pod -> {
          if (!ledger.isEarmarkCurrent(names.ofFirst(pod))) {
            withdraw(pod);
          }
          prepare(pod);
        });
  }

  /** The pod gets an interface of this network that is not its first: that one is another's. */
  synchronized void isNotFirst(PodIdentity pod) {
    withdraw(pod);
  }

  private void prepare(PodIdentity pod) {
    String hostInterface = names.ofFirst(pod);
    ledger
        .earmark(hostInterface)
        .ifPresent(earmark -> policy.expect(earmark, endpoint(pod, hostInterface, earmark)));
  }

  /** The policy goes first: who gets the addresses next must not meet it. */
  private void withdraw(PodIdentity pod) {
    String hostInterface = names.ofFirst(pod);
    ledger
        .withdraw(hostInterface)
        .ifPresent(earmark ->
            policy.unexpect(
                earmark, endpoint(pod, hostInterface, earmark), () -> ledger.putBack(earmark)));
  }

  private static PodEndpoint endpoint(PodIdentity pod, String hostInterface, Earmark earmark) {
    return new PodEndpoint(
        pod.namespace(), pod.name(), pod.uid(), hostInterface, earmark.addresses());
  }
}
