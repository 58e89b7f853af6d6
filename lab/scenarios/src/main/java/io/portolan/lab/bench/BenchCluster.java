package io.portolan.lab.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.portolan.common.net.Cidr;
import io.portolan.common.net.IpAddress;
import io.portolan.sim.kube.ApiOptions;
import io.portolan.sim.kube.KubeApiServer;
import io.portolan.sim.kube.KubeObjects;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A cluster as the API shows it: 100 nodes, 1,000 pods, 100 policies in 10 namespaces. Only {@link
 * #NODE} really exists; 110 of the pods are to run on it.
 *
 * <p>Every pod is selected by a policy, and every policy selects peers over all nodes.
 */
final class BenchCluster implements AutoCloseable {
  static final String NODE = "node-0";
  static final Cidr VPC = Cidr.parse("10.0.0.0/16");
  static final IpAddress NODE_ADDRESS = IpAddress.parse("10.0.0.10");
  static final IpAddress GATEWAY = IpAddress.parse("10.0.0.1");
  static final String MAC = "02:00:00:00:00:01";

  private static final int NODES = 100;
  private static final int PODS = 1_000;
  private static final int TEAMS = 10;
  private static final int APPLICATIONS = 10;

  /** /28 blocks published for the node: enough that addresses at rest never delay an ADD. */
  private static final int PREFIXES = 96;

  static final Cidr POD_RANGE = Cidr.parse("10.0.64.0/20");
  private static final ObjectMapper JSON = new ObjectMapper();

  private final KubeApiServer server;
  private final KubeObjects objects;

  BenchCluster(List<Path> customResources) throws IOException {
    this(customResources, PREFIXES);
  }

  /**
   * @param prefixes /28 blocks published for the node, the first ones of {@link #POD_RANGE}
   */
  BenchCluster(List<Path> customResources, int prefixes) throws IOException {
    server = KubeApiServer.start(ApiOptions.DEFAULT);
    objects = server.objects();
    for (Path resource : customResources) {
      objects.create(Files.readString(resource));
    }
    for (int node = 0; node < NODES; node++) {
      objects.create("{apiVersion: v1, kind: Node, metadata: {name: node-%d}}".formatted(node));
    }
    for (int team = 0; team < TEAMS; team++) {
      objects.create(
          "{apiVersion: v1, kind: Namespace, metadata: {name: %s, labels: {team: t%d}}}"
              .formatted(namespace(team), team));
      for (int application = 0; application < APPLICATIONS; application++) {
        objects.create(policy(team, application));
      }
    }
    for (int pod = 0; pod < PODS - BenchOptions.FULL_NODE; pod++) {
      String name = "remote-" + pod;
      createPod(name, pod, "node-" + (1 + pod % (NODES - 1)));
      running(name, pod, IpAddress.parse("10.0.%d.%d".formatted(128 + pod / 200, pod % 200 + 1)));
    }
    publishSupply(prefixes);
  }

  private void publishSupply(int count) {
    objects.create(
        "{apiVersion: portolan.io/v1alpha1, kind: NodeNetwork, metadata: {name: %s},"
                .formatted(NODE)
            + " spec: {provider: aws}}");
    ObjectNode status = JSON.createObjectNode();
    ObjectNode supply = status.putObject("supply").put("revision", 1);
    supply.putArray("vpcCidrs").add(VPC.toString());
    ObjectNode eni = supply.putArray("interfaces").addObject();
    eni.put("id", "eni-0123456789abcdef0")
        .put("mac", MAC)
        .put("deviceIndex", 0)
        .put("networkCard", 0)
        .put("gateway", GATEWAY.toString())
        .put("primaryAddress", NODE_ADDRESS.toString())
        .putArray("subnetCidrs")
        .add("10.0.0.0/17");
    var prefixes = eni.putArray("prefixes");
    for (int prefix = 0; prefix < count; prefix++) {
      prefixes.add(POD_RANGE.address(prefix * 16L) + "/28");
    }
    objects.mergeStatus("nodenetworks.portolan.io", "", NODE, status);
  }

  private static String policy(int team, int application) {
    return """
    apiVersion: networking.k8s.io/v1
    kind: NetworkPolicy
    metadata: {namespace: %s, name: app-%d}
    spec:
      podSelector: {matchLabels: {app: app-%d}}
      policyTypes: [Ingress, Egress]
      ingress:
      - from:
        - podSelector: {matchLabels: {app: app-%d}}
        - namespaceSelector: {matchLabels: {team: t%d}}
          podSelector: {matchLabels: {app: app-%d}}
        - ipBlock: {cidr: 172.16.%d.0/24}
        ports: [{port: 8080}, {port: 9000, endPort: 9010}]
      egress:
      - to:
        - namespaceSelector: {}
          podSelector: {matchLabels: {app: app-%d}}
      - ports: [{port: 53, protocol: UDP}]
    """
        .formatted(
            namespace(team),
            application,
            application,
            (application + 1) % APPLICATIONS,
            (team + 1) % TEAMS,
            (application + 2) % APPLICATIONS,
            application,
            (application + 3) % APPLICATIONS);
  }

  /** The namespace of the pod of that number. */
  static String namespace(int pod) {
    return "team-" + pod % TEAMS;
  }

  /**
   * Binds a pod to a node.
   *
   * @param number decides its namespace and labels
   * @return its uid
   */
  String createPod(String name, int number, String node) {
    return objects
        .create(
            """
            apiVersion: v1
            kind: Pod
            metadata: {namespace: %s, name: %s, labels: {app: app-%d, pod-template-hash: h%d}}
            spec:
              nodeName: %s
              containers:
              - {name: main, image: greeter, ports: [{name: http, containerPort: 8080}]}
            """
                .formatted(
                    namespace(number), name, number / TEAMS % APPLICATIONS, number % 37, node))
        .getFirst()
        .path("metadata")
        .path("uid")
        .asText();
  }

  /** Publishes a pod's address as its kubelet does. */
  void running(String name, int number, IpAddress address) {
    ObjectNode status = JSON.createObjectNode().put("phase", "Running");
    status.put("podIP", address.toString());
    status.putArray("podIPs").addObject().put("ip", address.toString());
    objects.mergeStatus("pods", namespace(number), name, status);
  }

  void deletePod(String name, int number) {
    objects.deleteNow("pods", namespace(number), name);
  }

  /** The API's objects, from inside. */
  KubeObjects objects() {
    return objects;
  }

  /** Serves the API at another address too, in the network namespace of the calling thread. */
  InetSocketAddress listen(InetSocketAddress address) throws IOException {
    return server.listen(address);
  }

  @Override
  public void close() {
    server.close();
  }
}
