package io.portolan.common.kube;

import io.portolan.common.net.IpAddress;
import java.io.IOException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A node as a peer: its labels, and where it is met.
 *
 * @param addresses all of its status that are IP addresses, of whatever type, in order
 */
public record NodeAddressesRecord(
    String name, Map<String, String> labels, List<IpAddress> addresses) {

  public NodeAddressesRecord {
    labels = SmallMap.copyOf(labels);
    addresses = List.copyOf(addresses);
  }

  public static RecordDecoder<NodeAddressesRecord> decoder() {
    return NodeAddressesRecord::decode;
  }

  private static NodeAddressesRecord decode(ObjectCursor node) throws IOException {
    Metadata[] read = new Metadata[1];
    Set<IpAddress> addresses = new LinkedHashSet<>();
    node.eachField(field -> {
      switch (field) {
        case "metadata" -> read[0] = node.metadata(Set.of());
        case "status" ->
            node.eachField(name -> {
              if (name.equals("addresses")) {
                node.eachItem(() -> address(node).ifPresent(addresses::add));
              }
            });
        default -> {}
      }
    });
    Metadata metadata =
        Optional.ofNullable(read[0]).orElseThrow(() -> new IOException("a node without metadata"));
    return new NodeAddressesRecord(metadata.name(), metadata.labels(), List.copyOf(addresses));
  }

  /** Host names are among them, too. */
  private static Optional<IpAddress> address(ObjectCursor node) throws IOException {
    String[] text = {""};
    node.eachField(field -> {
      if (field.equals("address")) {
        text[0] = node.text();
      }
    });
    return PodRecord.address(text[0]);
  }
}
