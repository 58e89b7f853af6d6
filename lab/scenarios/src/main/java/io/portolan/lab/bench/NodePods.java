package io.portolan.lab.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.portolan.common.net.IpAddress;
import io.portolan.lab.cluster.CniCommand;
import io.portolan.linux.netns.NetworkNamespace;
import io.portolan.sim.kube.KubeObjects;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * Pods of the benchmark's node, one by one and step by step as a kubelet and its runtime make them:
 * bound in the API, a network namespace, the plugin, the address in the API.
 */
final class NodePods {
  /** What a pod may take while the agent starts again in between. */
  private static final Duration PATIENCE = Duration.ofSeconds(90);

  private static final long AGAIN_MILLIS = 20;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final KubeObjects objects;
  private final CniCommand cni;
  private final Path namespaces;

  NodePods(BenchCluster cluster, BenchNode node, Path shim) {
    objects = cluster.objects();
    cni = new CniCommand(shim, node.cniSocket());
    namespaces = node.namespaces();
  }

  /** A pod with its network namespace. */
  record NodePod(
      String space,
      String name,
      String uid,
      String containerId,
      Path path,
      NetworkNamespace netns) {
    String key() {
      return space + "/" + name;
    }
  }

  /**
   * Makes the pod's object, bound to the node, and its network namespace.
   *
   * @param labels in YAML's flow style, without braces
   */
  NodePod bind(String space, String name, String labels) {
    String uid =
        objects
            .create(
                """
                apiVersion: v1
                kind: Pod
                metadata: {namespace: %s, name: %s, labels: {%s}}
                spec: {nodeName: %s, containers: [{name: main, image: none}]}
                """
                    .formatted(space, name, labels, BenchCluster.NODE))
            .getFirst()
            .path("metadata")
            .path("uid")
            .asText();
    String containerId = uid.replace("-", "");
    Path path = namespaces.resolve(space + "." + name);
    return new NodePod(space, name, uid, containerId, path, NetworkNamespace.create(path));
  }

  /**
   * ADD. After a failure DEL and ADD again, as kubelets do, until it succeeds.
   *
   * @return the pod's address
   * @throws IOException with the last failure, if that takes too long
   */
  IpAddress add(NodePod pod) throws IOException, InterruptedException {
    long begin = System.nanoTime();
    while (true) {
      switch (cni.add(pod.containerId(), pod.path(), pod.space(), pod.name(), pod.uid())) {
        case CniCommand.Result.Success success -> {
          return success.addresses().getFirst();
        }
        case CniCommand.Result.Failure failure -> {
          again(begin, "ADD of " + pod.key(), failure);
          cni.delete(pod.containerId(), pod.path(), pod.space(), pod.name(), pod.uid());
        }
      }
    }
  }

  /** Shows the pod's address in the API, as its kubelet does. */
  void publish(NodePod pod, IpAddress address) {
    ObjectNode status = JSON.createObjectNode().put("phase", "Running");
    status.put("podIP", address.toString());
    status.putArray("podIPs").addObject().put("ip", address.toString());
    objects.mergeStatus("pods", pod.space(), pod.name(), status);
  }

  /** All of the above. */
  IpAddress start(NodePod pod) throws IOException, InterruptedException {
    IpAddress address = add(pod);
    publish(pod, address);
    return address;
  }

  /**
   * DEL, again until it succeeds, then the end of namespace and object.
   *
   * @throws IOException with the last failure, if that takes too long
   */
  void remove(NodePod pod) throws IOException, InterruptedException {
    long begin = System.nanoTime();
    while (cni.delete(pod.containerId(), pod.path(), pod.space(), pod.name(), pod.uid())
        instanceof CniCommand.Result.Failure failure) {
      again(begin, "DEL of " + pod.key(), failure);
    }
    pod.netns().close();
    NetworkNamespace.delete(pod.path());
    objects.deleteNow("pods", pod.space(), pod.name());
  }

  private static void again(long begin, String what, CniCommand.Result.Failure failure)
      throws IOException, InterruptedException {
    if (System.nanoTime() - begin > PATIENCE.toNanos()) {
      throw new IOException(what + " fails: " + failure.code() + " " + failure.message());
    }
    TimeUnit.MILLISECONDS.sleep(AGAIN_MILLIS);
  }
}
