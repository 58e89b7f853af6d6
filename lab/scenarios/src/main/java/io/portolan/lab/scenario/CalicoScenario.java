package io.portolan.lab.scenario;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.portolan.common.net.IpAddress;
import io.portolan.lab.cluster.LabPod;
import io.portolan.lab.matrix.Answer;
import io.portolan.lab.matrix.Matrix;
import io.portolan.lab.report.LabReport;
import io.portolan.lab.report.LabReport.Check;
import io.portolan.linux.route.RouteFilter;
import io.portolan.linux.route.RouteProtocol;
import io.portolan.linux.route.RouteSocket;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Pods with addresses of Calico's blocks on 4 nodes in 2 subnets; every pod connects to every
 * other, and packets are counted where they arrive.
 */
final class CalicoScenario {
  private static final long ROUTES_DEADLINE_NANOS = 30_000_000_000L;

  /** Of routes that agents make for Calico's blocks. */
  private static final int AGENT_PROTOCOL = 113;

  private static final String PROFILE =
      """
      apiVersion: portolan.io/v1alpha1
      kind: NetworkProfile
      metadata: {name: default}
      spec: {ipam: CALICO}
      """;

  private final CalicoCluster cluster;
  private final CalicoVariant variant;
  private final LabOptions options;
  private final Progress progress;
  private final List<Check> checks = new ArrayList<>();

  CalicoScenario(
      CalicoCluster cluster, CalicoVariant variant, LabOptions options, Progress progress) {
    this.cluster = cluster;
    this.variant = variant;
    this.options = options;
    this.progress = progress;
  }

  LabReport run() throws IOException, InterruptedException {
    progress.step("Kubernetes API and a network of two subnets are up");
    cluster.kube().objects().create(PROFILE);
    cluster
        .kube()
        .objects()
        .create(
            """
            apiVersion: projectcalico.org/v3
            kind: IPPool
            metadata: {name: default-ipv4}
            spec: {cidr: %s, blockSize: 26, vxlanMode: %s, ipipMode: Never, natOutgoing: true}
            """
                .formatted(CalicoCluster.POOL, variant.vxlanMode()));
    BgpChecks bgp = new BgpChecks(cluster);
    if (variant == CalicoVariant.BGP) {
      bgp.createObjects();
    }
    cluster.addNode("node-1", 1, "a");
    cluster.addNode("node-2", 2, "a");
    cluster.addNode("node-3", 3, "b");
    cluster.addNode("node-4", 4, "b");
    if (variant.networkKnowsBlocks()) {
      cluster.members().forEach(m -> cluster.fabric().route(m.block(), m.node().address()));
    }
    if (variant == CalicoVariant.BGP) {
      cluster.startRouter();
    }
    progress.step("4 nodes in 2 subnets, their agents start; packets travel " + variant.words());
    cluster.awaitAgents();
    awaitRoutes();
    progress.step("agents are ready, every node has routes to every other's block");

    Workloads workloads =
        Workloads.load(
            "calico-workloads.yaml", cluster.members().stream().map(m -> m.node().name()).toList());
    workloads.createNamespaces(cluster.kube().objects());
    new PodFleet(cluster.kubelet()).start(workloads.pods());
    progress.step(workloads.pods().size() + " pods have addresses");

    PolicyRounds rounds = new PolicyRounds(cluster.kubelet(), progress, checks);
    rounds.ask(List.of(), workloads, "without policies");
    checks.add(uniqueness());
    checks.add(mtu());
    checks.add(packets("node-1", "node-2", true));
    checks.add(packets("node-1", "node-3", false));
    checks.add(packets("node-4", "node-2", false));
    checks.add(world());
    if (variant == CalicoVariant.BGP) {
      checks.addAll(bgp.all());
    }
    List<ObjectNode> policies =
        cluster.kube().objects().create(Workloads.text("aws-policies.yaml"));
    Matrix matrix = rounds.ask(List.copyOf(policies), workloads, policies.size() + " policies");
    checks.add(adds());
    return report(matrix);
  }

  /** Only what is routed to a block of another node is asked for: that it works, packets show. */
  private void awaitRoutes() throws InterruptedException {
    long start = System.nanoTime();
    int nodes = cluster.members().size();
    for (CalicoCluster.Member member : cluster.members()) {
      long near =
          cluster.members().stream().filter(m -> m.subnet().equals(member.subnet())).count();
      // Those of all blocks, the own one's blackhole among them.
      long wanted =
          switch (variant) {
            case VXLAN, CROSS_SUBNET -> nodes;
            case NONE -> near;
            case BGP -> nodes - 1;
          };
      RouteFilter filter =
          RouteFilter.ALL.withProtocol(
              variant == CalicoVariant.BGP ? RouteProtocol.BIRD : AGENT_PROTOCOL);
      try (RouteSocket socket = RouteSocket.openIn(member.node().namespace())) {
        while (socket.routes(filter).size() < wanted) {
          if (System.nanoTime() - start > ROUTES_DEADLINE_NANOS) {
            throw new IllegalStateException(
                member.node().name()
                    + " has no routes to the blocks of other nodes; its log ends:\n"
                    + (member.node().agent() == null ? "" : member.node().agent().lastWords(20)));
          }
          Thread.sleep(20);
        }
      }
    }
  }

  private Check uniqueness() {
    Set<IpAddress> seen = new HashSet<>();
    List<String> wrong = new ArrayList<>();
    for (LabPod pod : cluster.kubelet().pods()) {
      IpAddress address = pod.addresses().getFirst();
      if (!seen.add(address) || !cluster.member(pod.spec().node()).block().contains(address)) {
        wrong.add(address + " on " + pod.spec().key());
      }
    }
    return new Check(
        "every pod has an address of its node's block, and alone",
        wrong.isEmpty(),
        wrong.isEmpty() ? seen.size() + " addresses" : String.join(", ", wrong));
  }

  private Check mtu() {
    Set<Integer> seen = new HashSet<>();
    for (LabPod pod : cluster.kubelet().pods()) {
      try (RouteSocket inside = RouteSocket.openIn(pod.namespace())) {
        seen.add(inside.link("eth0").orElseThrow().mtu());
      }
    }
    return new Check(
        "pods' packets fit into what carries them",
        seen.equals(Set.of(variant.podMtu())),
        "MTU of pods: " + seen);
  }

  private LabPod pod(String node) {
    return cluster.kubelet().pods().stream()
        .filter(p -> p.spec().node().equals(node) && p.spec().namespace().equals("shop"))
        .findFirst()
        .orElseThrow();
  }

  /** One connection, and how its packets arrived at the other node. */
  private Check packets(String from, String to, boolean sameSubnet) throws IOException {
    Arrivals arrivals = cluster.member(to).arrivals();
    LabPod target = pod(to);
    int port = target.spec().ports().values().iterator().next();
    Arrivals.Counts before = arrivals.counts();
    Answer answer = Probing.one(pod(from).namespace(), target.addresses().getFirst(), port);
    Arrivals.Counts seen = arrivals.counts().since(before);
    boolean tunnelled = variant.tunnels(sameSubnet);
    return new Check(
        "from "
            + from
            + " to "
            + to
            + (sameSubnet ? " (same subnet)" : " (another subnet)")
            + " packets are "
            + (tunnelled ? "in VXLAN" : "plain"),
        answer instanceof Answer.Connected
            && (tunnelled
                ? seen.tunnelled() > 0 && seen.plain() == 0
                : seen.plain() > 0 && seen.tunnelled() == 0),
        "arrived: " + seen);
  }

  private Check world() throws IOException {
    List<String> wrong = new ArrayList<>();
    for (CalicoCluster.Member member : cluster.members()) {
      Answer answer =
          Probing.one(
              pod(member.node().name()).namespace(),
              CalicoCluster.WORLD_HOST,
              CalicoCluster.WORLD_PORT);
      if (!answer.equals(new Answer.Connected(CalicoCluster.WORLD_NAME, member.node().address()))) {
        wrong.add(member.node().name() + ": " + answer);
      }
    }
    return new Check(
        "outside the pools a pod has its node's address",
        wrong.isEmpty(),
        wrong.isEmpty() ? cluster.members().size() + " pods asked" : String.join(", ", wrong));
  }

  private Check adds() {
    List<String> failures = cluster.kubelet().addFailures();
    return new Check(
        "no CNI ADD failed",
        failures.isEmpty(),
        failures.isEmpty()
            ? cluster.kubelet().addNanos().size() + " ADDs"
            : failures.size() + " failed, first: " + failures.getFirst());
  }

  private LabReport report(Matrix matrix) {
    List<LabReport.Pod> pods =
        cluster.kubelet().pods().stream()
            .map(pod ->
                new LabReport.Pod(
                    pod.spec().namespace(),
                    pod.spec().name(),
                    pod.spec().node(),
                    pod.addresses().stream().map(Object::toString).toList(),
                    cluster.member(pod.spec().node()).block().toString()))
            .toList();
    return new LabReport(
        variant.scenario(),
        options.seed(),
        Math.round(progress.seconds() * 10) / 10.0,
        pods,
        new LabReport.Matrix(
            matrix.probes(), matrix.allowed(), matrix.mismatches().size(), matrix.mismatches()),
        checks,
        new LabReport.CloudApi(Map.of()),
        new LabReport.Cni(
            cluster.kubelet().addNanos().size(),
            LabReport.Quantiles.ofNanos(cluster.kubelet().addNanos())));
  }
}
