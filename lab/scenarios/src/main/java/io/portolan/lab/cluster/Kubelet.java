package io.portolan.lab.cluster;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.portolan.lab.probe.Greeter;
import io.portolan.linux.netns.NetworkNamespace;
import io.portolan.sim.kube.KubeObjects;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentSkipListMap;

/**
 * What a kubelet and a container runtime do for pods, as far as the network sees it: bind, make a
 * sandbox namespace, call the plugin until it succeeds, publish the addresses; and the reverse.
 *
 * <p>One for all nodes of a lab. Safe for use by many threads; operations on one pod must not
 * overlap.
 */
public final class Kubelet {
  /** How long a pod may take to get its network before the lab gives up. */
  private static final Duration PATIENCE = Duration.ofSeconds(90);

  private static final ObjectMapper JSON = new ObjectMapper();

  private final KubeObjects objects;
  private final Greeter greeter;
  private final Path shim;
  private final Path namespaces;
  private final Map<String, LabNode> nodes = new ConcurrentHashMap<>();
  private final ConcurrentSkipListMap<String, LabPod> pods = new ConcurrentSkipListMap<>();
  private final Queue<Long> addNanos = new ConcurrentLinkedQueue<>();
  private final Queue<String> addFailures = new ConcurrentLinkedQueue<>();

  /**
   * @param objects the API server's objects
   * @param greeter answers connections to the pods' ports
   * @param shim the CNI plugin
   * @param namespaces directory for the pods' namespaces
   */
  public Kubelet(KubeObjects objects, Greeter greeter, Path shim, Path namespaces) {
    this.objects = objects.as("kubelet");
    this.greeter = greeter;
    this.shim = shim;
    this.namespaces = namespaces;
  }

  public void register(LabNode node) {
    nodes.put(node.name(), node);
  }

  /**
   * Creates the pod's object, bound to its node, and starts it.
   *
   * @throws IOException if the plugin did not succeed in time; the message is its last error
   */
  public LabPod start(PodSpec spec) throws IOException, InterruptedException {
    ObjectNode object = objects.create(manifest(spec));
    String uid = object.path("metadata").path("uid").asText();
    String containerId = uid.replace("-", "");
    Path path =
        namespaces.resolve(
            spec.namespace() + "." + spec.name() + "." + containerId.substring(0, 8));
    NetworkNamespace namespace = NetworkNamespace.create(path);
    LabPod pod;
    try {
      CniCommand.Result.Success added = add(spec, uid, containerId, path);
      pod = new LabPod(spec, uid, containerId, path, namespace, added.addresses());
      listen(pod);
    } catch (IOException | InterruptedException | RuntimeException e) {
      namespace.close();
      throw e;
    }
    pods.put(spec.key(), pod);
    publish(pod);
    return pod;
  }

  private CniCommand.Result.Success add(PodSpec spec, String uid, String containerId, Path path)
      throws IOException, InterruptedException {
    CniCommand cni = cni(spec.node());
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      switch (cni.add(containerId, path, spec.namespace(), spec.name(), uid)) {
        case CniCommand.Result.Success success -> {
          addNanos.add(success.nanos());
          return success;
        }
        case CniCommand.Result.Failure failure -> {
          addFailures.add(spec.key() + ": " + failure.code() + " " + failure.message());
          if (System.nanoTime() > deadline) {
            throw new IOException(
                "pod "
                    + spec.key()
                    + " on "
                    + spec.node()
                    + " got no network: CNI error "
                    + failure.code()
                    + ": "
                    + failure.message());
          }
          // A real kubelet tears a failed sandbox down before it tries again.
          cni.delete(containerId, path, spec.namespace(), spec.name(), uid);
          Thread.sleep(250);
        }
      }
    }
  }

  private void listen(LabPod pod) throws IOException {
    for (int port : pod.spec().ports().values()) {
      ServerSocketChannel listener =
          pod.namespace()
              .<ServerSocketChannel, IOException>call(
                  () -> ServerSocketChannel.open().bind(new InetSocketAddress(port), 512));
      greeter.serve(pod.spec().key(), listener);
    }
  }

  private void publish(LabPod pod) {
    ObjectNode status = JSON.createObjectNode().put("phase", "Running");
    ArrayNode ips = status.putArray("podIPs");
    pod.addresses().forEach(address -> ips.addObject().put("ip", address.toString()));
    status.put("podIP", pod.addresses().getFirst().toString());
    status.put("hostIP", node(pod.spec().node()).address().toString());
    objects.mergeStatus("pods", pod.spec().namespace(), pod.spec().name(), status);
  }

  /** Deletes a pod gracefully: its network goes first, then its object, as with a real kubelet. */
  public void stop(LabPod pod) throws IOException, InterruptedException {
    PodSpec spec = pod.spec();
    pods.remove(spec.key());
    objects.delete("pods", spec.namespace(), spec.name());
    CniCommand cni = cni(spec.node());
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (cni.delete(
            pod.containerId(), pod.namespacePath(), spec.namespace(), spec.name(), pod.uid())
        instanceof CniCommand.Result.Failure failure) {
      if (System.nanoTime() > deadline) {
        throw new IOException("pod " + spec.key() + " was not released: " + failure.message());
      }
      Thread.sleep(250);
    }
    pod.namespace().close();
    NetworkNamespace.delete(pod.namespacePath());
    objects.deleteNow("pods", spec.namespace(), spec.name());
  }

  /** Drops a pod whose machine is gone: no plugin is called, as nobody is there to call it. */
  public void forget(LabPod pod) {
    pods.remove(pod.spec().key());
    pod.namespace().close();
    NetworkNamespace.delete(pod.namespacePath());
    objects.deleteNow("pods", pod.spec().namespace(), pod.spec().name());
  }

  private CniCommand cni(String node) {
    return new CniCommand(shim, LabNode.cniSocket(node(node).directory()));
  }

  private LabNode node(String name) {
    return Optional.ofNullable(nodes.get(name))
        .orElseThrow(() -> new IllegalArgumentException("there is no node " + name));
  }

  /** Every running pod, by {@code namespace/name}. */
  public Collection<LabPod> pods() {
    return pods.values();
  }

  /** Wall time of every successful ADD so far, in nanoseconds. */
  public List<Long> addNanos() {
    return List.copyOf(addNanos);
  }

  /** Every failed ADD so far, as {@code namespace/name: code message}. */
  public List<String> addFailures() {
    return List.copyOf(addFailures);
  }

  private static ObjectNode manifest(PodSpec spec) {
    ObjectNode pod = JSON.createObjectNode().put("apiVersion", "v1").put("kind", "Pod");
    ObjectNode metadata =
        pod.putObject("metadata").put("namespace", spec.namespace()).put("name", spec.name());
    ObjectNode labels = metadata.putObject("labels");
    spec.labels().forEach(labels::put);
    ObjectNode podSpec = pod.putObject("spec").put("nodeName", spec.node());
    ObjectNode container =
        podSpec.putArray("containers").addObject().put("name", "main").put("image", "greeter");
    ArrayNode ports = container.putArray("ports");
    spec.ports()
        .forEach((name, number) ->
            ports
                .addObject()
                .put("name", name)
                .put("containerPort", number)
                .put("protocol", "TCP"));
    return pod;
  }
}
