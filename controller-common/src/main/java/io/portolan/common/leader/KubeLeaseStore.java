package io.portolan.common.leader;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.portolan.common.kube.KubeClient;
import io.portolan.common.kube.KubeFault;
import io.portolan.common.kube.KubeResult;
import io.portolan.common.kube.ResourcePath;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;

/** A Lease of {@code coordination.k8s.io/v1}. */
public final class KubeLeaseStore implements LeaseStore {
  /** The API's MicroTime. */
  private static final DateTimeFormatter MICROS =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSS'Z'").withZone(ZoneOffset.UTC);

  private final KubeClient client;
  private final String namespace;
  private final String name;

  public KubeLeaseStore(KubeClient client, String namespace, String name) {
    this.client = client;
    this.namespace = namespace;
    this.name = name;
  }

  @Override
  public KubeResult<LeaseRecord> read() {
    return switch (client.get(ResourcePath.LEASES.object(namespace, name))) {
      case KubeResult.Ok<ObjectNode>(ObjectNode lease) -> new KubeResult.Ok<>(decode(lease));
      case KubeResult.Failed<ObjectNode>(KubeFault fault) ->
          fault.kind() == KubeFault.Kind.NOT_FOUND
              ? new KubeResult.Ok<>(LeaseRecord.NONE)
              : new KubeResult.Failed<>(fault);
    };
  }

  @Override
  public KubeResult<LeaseRecord> write(LeaseRecord record) {
    ObjectNode lease = encode(record);
    KubeResult<ObjectNode> result =
        record.version().isEmpty()
            ? client.create(ResourcePath.LEASES.collection(namespace), lease)
            : client.replace(ResourcePath.LEASES.object(namespace, name), lease);
    return result.map(KubeLeaseStore::decode);
  }

  private ObjectNode encode(LeaseRecord record) {
    ObjectNode lease = JsonNodeFactory.instance.objectNode();
    lease.put("apiVersion", ResourcePath.LEASES.apiVersion()).put("kind", "Lease");
    ObjectNode metadata = lease.putObject("metadata").put("name", name).put("namespace", namespace);
    if (!record.version().isEmpty()) {
      metadata.put("resourceVersion", record.version());
    }
    ObjectNode spec = lease.putObject("spec");
    spec.put("holderIdentity", record.holder());
    spec.put("leaseDurationSeconds", Math.max(1, record.duration().toSeconds()));
    spec.put("acquireTime", MICROS.format(record.acquired()));
    spec.put("renewTime", MICROS.format(record.renewed()));
    spec.put("leaseTransitions", record.transitions());
    return lease;
  }

  private static LeaseRecord decode(ObjectNode lease) {
    JsonNode spec = lease.path("spec");
    return new LeaseRecord(
        spec.path("holderIdentity").asText(),
        Duration.ofSeconds(spec.path("leaseDurationSeconds").asLong()),
        time(spec.path("acquireTime")),
        time(spec.path("renewTime")),
        spec.path("leaseTransitions").asInt(),
        lease.at("/metadata/resourceVersion").asText());
  }

  private static Instant time(JsonNode text) {
    try {
      return Instant.parse(text.asText());
    } catch (DateTimeException e) {
      // Only shown to people: another writer's idea of a time must not stop the election.
      return Instant.EPOCH;
    }
  }
}
