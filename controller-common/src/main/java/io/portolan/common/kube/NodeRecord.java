package io.portolan.common.kube;

import io.portolan.common.net.Cidr;
import io.portolan.common.net.IpAddress;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What networking needs of a node.
 *
 * @param providerId as the cloud provider writes it, such as {@code aws:///eu-central-1a/i-0abc};
 *     empty outside clouds
 * @param internalIps its InternalIP addresses, in order
 * @param podCidrs blocks that Kubernetes itself gave it
 * @param unschedulable whether it is cordoned
 * @param terminating whether it is being deleted
 * @param maxPods {@code status.allocatable.pods}; {@link Integer#MAX_VALUE} while the kubelet has
 *     not said
 */
public record NodeRecord(
    String name,
    String uid,
    Map<String, String> labels,
    Map<String, String> annotations,
    String providerId,
    List<IpAddress> internalIps,
    List<Cidr> podCidrs,
    List<Taint> taints,
    boolean unschedulable,
    boolean terminating,
    int maxPods) {

  public NodeRecord {
    labels = SmallMap.copyOf(labels);
    annotations = SmallMap.copyOf(annotations);
    internalIps = List.copyOf(internalIps);
    podCidrs = List.copyOf(podCidrs);
    taints = List.copyOf(taints);
  }

  /**
   * @param value empty if the taint has none
   * @param effect NoSchedule, PreferNoSchedule or NoExecute
   */
  public record Taint(String key, String value, String effect) {}

  /** A decoder that keeps the given annotations. */
  public static RecordDecoder<NodeRecord> decoder(Set<String> annotations) {
    Set<String> kept = Set.copyOf(annotations);
    return object -> decode(object, kept);
  }

  private static NodeRecord decode(ObjectCursor node, Set<String> annotations) throws IOException {
    Draft draft = new Draft();
    node.eachField(field -> {
      switch (field) {
        case "metadata" -> draft.metadata = Optional.of(node.metadata(annotations));
        case "spec" -> spec(node, draft);
        case "status" ->
            node.eachField(name -> {
              switch (name) {
                case "addresses" -> node.eachItem(() -> address(node, draft));
                case "allocatable" -> allocatable(node, draft);
                default -> {}
              }
            });
        default -> {}
      }
    });
    Metadata metadata =
        draft.metadata.orElseThrow(() -> new IOException("a node without metadata"));
    return new NodeRecord(
        metadata.name(),
        metadata.uid(),
        metadata.labels(),
        metadata.annotations(),
        draft.providerId,
        List.copyOf(draft.internalIps),
        List.copyOf(draft.podCidrs),
        draft.taints,
        draft.unschedulable,
        metadata.terminating(),
        draft.maxPods);
  }

  private static void spec(ObjectCursor node, Draft draft) throws IOException {
    node.eachField(field -> {
      switch (field) {
        case "providerID" -> draft.providerId = node.text();
        case "unschedulable" -> draft.unschedulable = node.bool();
        case "podCIDR" -> cidr(node.text()).ifPresent(draft.podCidrs::add);
        case "podCIDRs" -> node.eachItem(() -> cidr(node.text()).ifPresent(draft.podCidrs::add));
        case "taints" -> node.eachItem(() -> draft.taints.add(taint(node)));
        default -> {}
      }
    });
  }

  private static void allocatable(ObjectCursor node, Draft draft) throws IOException {
    node.eachField(resource -> {
      if (resource.equals("pods")) {
        String quantity = node.text();
        draft.maxPods =
            quantity.matches("[0-9]{1,6}") ? Integer.parseInt(quantity) : Integer.MAX_VALUE;
      }
    });
  }

  private static Taint taint(ObjectCursor node) throws IOException {
    String[] texts = {"", "", ""};
    node.eachField(field -> {
      switch (field) {
        case "key" -> texts[0] = node.sharedText();
        case "value" -> texts[1] = node.sharedText();
        case "effect" -> texts[2] = node.sharedText();
        default -> {}
      }
    });
    return new Taint(texts[0], texts[1], texts[2]);
  }

  private static void address(ObjectCursor node, Draft draft) throws IOException {
    String[] texts = {"", ""};
    node.eachField(field -> {
      switch (field) {
        case "type" -> texts[0] = node.text();
        case "address" -> texts[1] = node.text();
        default -> {}
      }
    });
    if (texts[0].equals("InternalIP")) {
      PodRecord.address(texts[1]).ifPresent(draft.internalIps::add);
    }
  }

  private static Optional<Cidr> cidr(String text) {
    try {
      return text.isEmpty() ? Optional.empty() : Optional.of(Cidr.parseMasking(text));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private static final class Draft {
    private Optional<Metadata> metadata = Optional.empty();
    private String providerId = "";
    private final Set<IpAddress> internalIps = new LinkedHashSet<>();
    private final Set<Cidr> podCidrs = new LinkedHashSet<>();
    private final List<Taint> taints = new ArrayList<>(1);
    private boolean unschedulable;
    private int maxPods = Integer.MAX_VALUE;
  }
}
