package io.portolan.common.kube;

import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** A namespace: its name and what selectors select it by. */
public record NamespaceRecord(
    String name, Map<String, String> labels, Map<String, String> annotations, boolean terminating) {

  public NamespaceRecord {
    labels = SmallMap.copyOf(labels);
    annotations = SmallMap.copyOf(annotations);
  }

  /** A decoder that keeps the given annotations. */
  public static RecordDecoder<NamespaceRecord> decoder(Set<String> annotations) {
    Set<String> kept = Set.copyOf(annotations);
    return object -> decode(object, kept);
  }

  private static NamespaceRecord decode(ObjectCursor namespace, Set<String> annotations)
      throws IOException {
    Metadata[] read = new Metadata[1];
    namespace.eachField(field -> {
      if (field.equals("metadata")) {
        read[0] = namespace.metadata(annotations);
      }
    });
    Metadata metadata =
        Optional.ofNullable(read[0])
            .orElseThrow(() -> new IOException("a namespace without metadata"));
    return new NamespaceRecord(
        metadata.name(), metadata.labels(), metadata.annotations(), metadata.terminating());
  }
}
