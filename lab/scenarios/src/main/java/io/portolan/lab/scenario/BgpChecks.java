package io.portolan.lab.scenario;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.portolan.common.net.IpAddress;
import io.portolan.lab.cluster.LabPod;
import io.portolan.lab.matrix.Answer;
import io.portolan.lab.report.LabReport.Check;
import io.portolan.linux.nft.NftChain;
import io.portolan.linux.nft.NftFamily;
import io.portolan.linux.nft.NftHook;
import io.portolan.linux.nft.NftStatement;
import io.portolan.linux.nft.NftTable;
import io.portolan.linux.nft.NftTransaction;
import io.portolan.linux.nft.NftValue;
import io.portolan.linux.nft.PayloadField;
import io.portolan.linux.nft.kernel.KernelNftTables;
import io.portolan.linux.route.IpPrefix;
import io.portolan.linux.route.Route;
import io.portolan.linux.route.RouteFilter;
import io.portolan.linux.route.RouteProtocol;
import io.portolan.linux.route.RouteSocket;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** What BGP is for: hosts outside the cluster find pods and Services without translation. */
final class BgpChecks {
  private static final IpAddress SERVICE = IpAddress.parse("203.0.113.7");
  private static final int SERVICE_PORT = 80;
  private static final int DESTINATION_NAT = -100;
  private static final long DEADLINE_NANOS = 20_000_000_000L;

  private final CalicoCluster cluster;

  BgpChecks(CalicoCluster cluster) {
    this.cluster = cluster;
  }

  /** The objects of a cluster that peers with one router for each subnet, without mesh. */
  void createObjects() {
    cluster
        .kube()
        .objects()
        .create(
            """
            apiVersion: projectcalico.org/v3
            kind: BGPConfiguration
            metadata: {name: default}
            spec:
              nodeToNodeMeshEnabled: false
              serviceExternalIPs: [{cidr: 203.0.113.0/24}]
            """);
    for (String subnet : List.of("a", "b")) {
      cluster
          .kube()
          .objects()
          .create(
              """
              apiVersion: projectcalico.org/v3
              kind: BGPPeer
              metadata: {name: router-%s}
              spec:
                nodeSelector: subnet == '%s'
                peerIP: %s
                asNumber: %d
                numAllowedLocalASNumbers: 1
              """
                  .formatted(subnet, subnet, cluster.router(subnet), TopOfRack.AS_NUMBER));
    }
  }

  List<Check> all() throws IOException, InterruptedException {
    return List.of(pods(), service());
  }

  private Check pods() throws IOException {
    List<String> wrong = new ArrayList<>();
    int asked = 0;
    for (LabPod pod : cluster.kubelet().pods()) {
      int port = pod.spec().ports().values().iterator().next();
      Answer answer = Probing.one(cluster.outside(), pod.addresses().getFirst(), port);
      asked++;
      if (!answer.equals(new Answer.Connected(pod.spec().key(), CalicoCluster.WORLD_HOST))) {
        wrong.add(pod.spec().key() + ": " + answer);
      }
    }
    return new Check(
        "a host outside the cluster reaches every pod, as itself",
        wrong.isEmpty(),
        wrong.isEmpty() ? asked + " pods" : String.join(", ", wrong));
  }

  /** An external address with endpoints on one node only, which alone may announce it. */
  private Check service() throws IOException, InterruptedException {
    LabPod pod =
        cluster.kubelet().pods().stream()
            .filter(p -> p.spec().node().equals("node-3") && p.spec().name().startsWith("web"))
            .findFirst()
            .orElseThrow();
    int port = pod.spec().ports().values().iterator().next();
    createService(pod, port);
    // In place of kube-proxy, which this lab has none of.
    try (KernelNftTables tables =
        KernelNftTables.open(cluster.member("node-3").node().namespace())) {
      NftTable table = NftTable.of(NftFamily.IP, "lab-proxy");
      tables
          .commit(
              NftTransaction.on(table)
                  .addTable()
                  .addChain(
                      NftChain.base(
                          "in",
                          NftChain.Type.NAT,
                          NftHook.PREROUTING,
                          DESTINATION_NAT,
                          NftChain.Policy.ACCEPT))
                  .addRule(
                      "in",
                      NftStatement.equal(PayloadField.IP_DADDR, NftValue.address(SERVICE.bytes())),
                      NftStatement.equal(PayloadField.TCP_DPORT, NftValue.port(SERVICE_PORT)),
                      new NftStatement.DestinationNat(
                          NftValue.address(pod.addresses().getFirst().bytes()),
                          OptionalInt.of(port)))
                  .build())
          .orThrow();
    }
    IpAddress announcer = cluster.member("node-3").node().address();
    Optional<Route> route = awaitRoute();
    Answer answer = Probing.one(cluster.outside(), SERVICE, SERVICE_PORT);
    return new Check(
        "a Service's external address leads to the one node with endpoints of it",
        route.flatMap(Route::gateway).equals(Optional.of(announcer.toInetAddress()))
            && answer.equals(new Answer.Connected(pod.spec().key(), CalicoCluster.WORLD_HOST)),
        "the router has " + route.map(Route::toString).orElse("no route") + "; " + answer);
  }

  private Optional<Route> awaitRoute() throws InterruptedException {
    IpPrefix service = IpPrefix.of(SERVICE.toInetAddress());
    long start = System.nanoTime();
    try (RouteSocket socket = RouteSocket.openIn(cluster.fabric().namespace())) {
      while (true) {
        Optional<Route> route =
            socket.routes(RouteFilter.ALL.withProtocol(RouteProtocol.BIRD)).stream()
                .filter(r -> r.destination().equals(service))
                .findFirst();
        if (route.isPresent() || System.nanoTime() - start > DEADLINE_NANOS) {
          return route;
        }
        Thread.sleep(50);
      }
    }
  }

  private void createService(LabPod pod, int port) {
    ObjectMapper json = new ObjectMapper();
    ObjectNode service = json.createObjectNode().put("apiVersion", "v1").put("kind", "Service");
    service.putObject("metadata").put("namespace", "shop").put("name", "front");
    ObjectNode spec = service.putObject("spec");
    spec.put("type", "NodePort")
        .put("clusterIP", "10.96.0.7")
        .put("externalTrafficPolicy", "Local");
    spec.putArray("clusterIPs").add("10.96.0.7");
    spec.putArray("externalIPs").add(SERVICE.toString());
    spec.putArray("ports").addObject().put("port", SERVICE_PORT).put("protocol", "TCP");
    cluster.kube().objects().create(service);
    ObjectNode slice =
        json.createObjectNode()
            .put("apiVersion", "discovery.k8s.io/v1")
            .put("kind", "EndpointSlice")
            .put("addressType", "IPv4");
    slice
        .putObject("metadata")
        .put("namespace", "shop")
        .put("name", "front-1")
        .putObject("labels")
        .put("kubernetes.io/service-name", "front");
    ObjectNode endpoint = slice.putArray("endpoints").addObject();
    endpoint.putArray("addresses").add(pod.addresses().getFirst().toString());
    endpoint.put("nodeName", pod.spec().node());
    endpoint.putObject("conditions").put("ready", true);
    slice.putArray("ports").addObject().put("port", port).put("protocol", "TCP");
    cluster.kube().objects().create(slice);
  }
}
