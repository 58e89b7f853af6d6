package io.portolan.common.kube;

import io.portolan.common.net.IpAddress;
import java.io.IOException;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What networking needs of a pod; about a hundredth of the pod itself.
 *
 * @param uid as the kubelet and the runtime know it, which for the mirror of a static pod is that
 *     of the pod mirrored
 * @param node the node it is bound to; empty if none yet
 * @param ips its addresses as its status reports them; text that is no address is left out
 * @param ports the named and numbered ports of its containers, for policies that name ports
 * @param serviceAccount the account it runs as
 * @param terminating whether it is being deleted; it keeps its addresses until it is gone
 * @param started when its node took it on, which tells the later of two that show one address; the
 *     epoch if it has not been taken on yet
 */
public record PodRecord(
    ObjectKey key,
    String uid,
    String node,
    Phase phase,
    List<IpAddress> ips,
    Map<String, String> labels,
    Map<String, String> annotations,
    boolean hostNetwork,
    List<ContainerPort> ports,
    String serviceAccount,
    boolean terminating,
    Instant started) {

  /** Says of which static pod this is the mirror (pkg/kubelet/types of Kubernetes). */
  private static final String MIRROR = "kubernetes.io/config.mirror";

  public PodRecord {
    ips = List.copyOf(ips);
    labels = SmallMap.copyOf(labels);
    annotations = SmallMap.copyOf(annotations);
    ports = List.copyOf(ports);
  }

  /** Where a pod is in its life. */
  public enum Phase {
    PENDING,
    RUNNING,
    SUCCEEDED,
    FAILED,
    UNKNOWN
  }

  /**
   * @param name empty if the port has none
   * @param protocol TCP, UDP or SCTP
   */
  public record ContainerPort(String name, String protocol, int port) {}

  public String namespace() {
    return key.namespace();
  }

  public String name() {
    return key.name();
  }

  /** Whether it has ended: a finished pod owns no address any more. */
  public boolean finished() {
    return phase == Phase.SUCCEEDED || phase == Phase.FAILED;
  }

  /** Whether it needs an address of its own on a node. */
  public boolean needsAddress() {
    return !node.isEmpty() && !hostNetwork && !finished();
  }

  /** A decoder that keeps the given annotations. */
  public static RecordDecoder<PodRecord> decoder(Set<String> annotations) {
    Set<String> kept =
        Stream.concat(annotations.stream(), Stream.of(MIRROR))
            .collect(Collectors.toUnmodifiableSet());
    return object -> decode(object, kept);
  }

  private static PodRecord decode(ObjectCursor pod, Set<String> annotations) throws IOException {
    Draft draft = new Draft();
    pod.eachField(field -> {
      switch (field) {
        case "metadata" -> draft.metadata = Optional.of(pod.metadata(annotations));
        case "spec" -> spec(pod, draft);
        case "status" -> status(pod, draft);
        default -> {}
      }
    });
    Metadata metadata = draft.metadata.orElseThrow(() -> new IOException("a pod without metadata"));
    return new PodRecord(
        metadata.key(),
        metadata.annotations().getOrDefault(MIRROR, metadata.uid()),
        draft.node,
        draft.phase,
        draft.ips,
        metadata.labels(),
        metadata.annotations(),
        draft.hostNetwork,
        draft.ports,
        draft.serviceAccount,
        metadata.terminating(),
        draft.started);
  }

  private static void spec(ObjectCursor pod, Draft draft) throws IOException {
    pod.eachField(field -> {
      switch (field) {
        case "nodeName" -> draft.node = pod.sharedText();
        case "hostNetwork" -> draft.hostNetwork = pod.bool();
        case "serviceAccountName" -> draft.serviceAccount = pod.sharedText();
        case "containers" -> pod.eachItem(() -> container(pod, draft, true));
        // Only a restartable init container (a sidecar) serves while the pod runs.
        case "initContainers" -> pod.eachItem(() -> container(pod, draft, false));
        default -> {}
      }
    });
  }

  private static void container(ObjectCursor pod, Draft draft, boolean serves) throws IOException {
    List<ContainerPort> ports = new ArrayList<>();
    boolean[] counted = {serves};
    pod.eachField(field -> {
      switch (field) {
        case "restartPolicy" -> counted[0] |= pod.text().equals("Always");
        case "ports" -> pod.eachItem(() -> port(pod).ifPresent(ports::add));
        default -> {}
      }
    });
    if (counted[0]) {
      draft.ports.addAll(ports);
    }
  }

  private static Optional<ContainerPort> port(ObjectCursor pod) throws IOException {
    String[] texts = {"", "TCP"};
    long[] number = {0};
    pod.eachField(field -> {
      switch (field) {
        case "name" -> texts[0] = pod.sharedText();
        case "protocol" -> texts[1] = pod.sharedText();
        case "containerPort" -> number[0] = pod.number();
        default -> {}
      }
    });
    return number[0] < 1 || number[0] > 65_535
        ? Optional.empty()
        : Optional.of(new ContainerPort(texts[0], texts[1], (int) number[0]));
  }

  private static void status(ObjectCursor pod, Draft draft) throws IOException {
    pod.eachField(field -> {
      switch (field) {
        case "phase" -> draft.phase = phase(pod.text());
        case "startTime" -> draft.started = instant(pod.text());
        // The first of podIPs again; used only where podIPs is missing.
        case "podIP" -> address(pod.text()).ifPresent(ip -> draft.single = Optional.of(ip));
        case "podIPs" ->
            pod.eachItem(() ->
                pod.eachField(name -> {
                  if (name.equals("ip")) {
                    address(pod.text()).ifPresent(draft.ips::add);
                  }
                }));
        default -> {}
      }
    });
    if (draft.ips.isEmpty()) {
      draft.single.ifPresent(draft.ips::add);
    }
  }

  private static Phase phase(String text) {
    return switch (text) {
      case "Pending", "" -> Phase.PENDING;
      case "Running" -> Phase.RUNNING;
      case "Succeeded" -> Phase.SUCCEEDED;
      case "Failed" -> Phase.FAILED;
      case String _ -> Phase.UNKNOWN;
    };
  }

  private static Instant instant(String text) {
    try {
      return Instant.parse(text);
    } catch (DateTimeParseException e) {
      return Instant.EPOCH;
    }
  }

  static Optional<IpAddress> address(String text) {
    try {
      return text.isEmpty() ? Optional.empty() : Optional.of(IpAddress.parse(text));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private static final class Draft {
    private Optional<Metadata> metadata = Optional.empty();
    private String node = "";
    private Phase phase = Phase.PENDING;
    private final List<IpAddress> ips = new ArrayList<>(2);
    private Optional<IpAddress> single = Optional.empty();
    private boolean hostNetwork;
    private final List<ContainerPort> ports = new ArrayList<>(2);
    private String serviceAccount = "";
    private Instant started = Instant.EPOCH;
  }
}
