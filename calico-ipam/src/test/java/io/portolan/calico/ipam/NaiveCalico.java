package io.portolan.calico.ipam;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.portolan.calico.model.ObjectKind;
import io.portolan.calico.store.BlockStore;
import io.portolan.common.kube.KubeFault;
import io.portolan.common.kube.KubeResult;
import io.portolan.common.net.Cidr;
import io.portolan.common.net.IpAddress;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/**
 * Calico's own address management for one node, step by step as its description goes: every read
 * and write of it, on the bare objects, sharing nothing with what it is to be compatible with.
 * Objects are deleted in two steps. Reads nothing ahead and remembers nothing.
 */
final class NaiveCalico {
  private static final int RETRIES = 100;

  private final BlockStore store;
  private final String host;
  private final Cidr pool;
  private final int blockSize;
  private final InstantSource clock;
  private final Random random;

  NaiveCalico(
      BlockStore store, String host, Cidr pool, int blockSize, InstantSource clock, Random random) {
    this.store = store;
    this.host = host;
    this.pool = pool;
    this.blockSize = blockSize;
    this.clock = clock;
    this.random = random;
  }

  /** Thrown where Calico returns an error to the CNI plugin. */
  static final class Failed extends Exception {
    private static final long serialVersionUID = 1L;

    Failed(String message) {
      super(message);
    }
  }

  /** AutoAssign of one address. */
  Optional<IpAddress> assign(String handle, Map<String, String> attributes) throws Failed {
    // Configuration, reservations, node and pools are read each time.
    store.get(ObjectKind.IPAM_CONFIGURATION, "default");
    store.list(ObjectKind.IP_RESERVATION, "");
    store.list(ObjectKind.IP_POOL, "");
    int owned = 0;
    for (ObjectNode affinity : list(ObjectKind.BLOCK_AFFINITY)) {
      if (affinity.at("/spec/node").asText().equals(host)
          && !affinity.at("/spec/deleted").asText().equals("true")) {
        owned++;
        Cidr cidr = Cidr.parse(affinity.at("/spec/cidr").asText());
        Optional<IpAddress> address = fromAffine(cidr, handle, attributes);
        if (address.isPresent()) {
          return address;
        }
      }
    }
    for (int i = 0; i < RETRIES && owned < 20; i++) {
      Optional<Cidr> free = freeBlock();
      if (free.isEmpty()) {
        break;
      }
      Optional<IpAddress> address = fromAffine(free.get(), handle, attributes);
      if (address.isPresent()) {
        return address;
      }
    }
    for (ObjectNode block : list(ObjectKind.IPAM_BLOCK)) {
      Cidr cidr = Cidr.parse(block.at("/spec/cidr").asText());
      if (pool.contains(cidr)) {
        Optional<IpAddress> address = fromBlock(cidr, handle, attributes);
        if (address.isPresent()) {
          return address;
        }
      }
    }
    return Optional.empty();
  }

  private Optional<IpAddress> fromAffine(Cidr cidr, String handle, Map<String, String> attributes)
      throws Failed {
    return claim(cidr) ? fromBlock(cidr, handle, attributes) : Optional.empty();
  }

  private Optional<Cidr> freeBlock() throws Failed {
    List<Cidr> taken = new ArrayList<>();
    for (ObjectNode block : list(ObjectKind.IPAM_BLOCK)) {
      taken.add(Cidr.parse(block.at("/spec/cidr").asText()));
    }
    int count = 1 << (blockSize - pool.prefixLength());
    int start = random.nextInt(count);
    for (int i = 0; i < count; i++) {
      Cidr cidr =
          Cidr.containing(
              pool.address((long) ((start + i) % count) << (pool.family().bits() - blockSize)),
              blockSize);
      if (!taken.contains(cidr)) {
        return Optional.of(cidr);
      }
    }
    return Optional.empty();
  }

  private boolean claim(Cidr cidr) throws Failed {
    String name = host + "-" + dashed(cidr);
    for (int i = 0; i < RETRIES; i++) {
      Optional<ObjectNode> affinity = get(ObjectKind.BLOCK_AFFINITY, name);
      if (affinity.isEmpty()) {
        write(store.create(ObjectKind.BLOCK_AFFINITY, affinity(name, cidr)));
        continue;
      }
      Optional<ObjectNode> block = get(ObjectKind.IPAM_BLOCK, dashed(cidr));
      if (block.isPresent() && !block.get().at("/spec/affinity").asText().equals("host:" + host)) {
        delete(ObjectKind.BLOCK_AFFINITY, affinity.get(), "true");
        return false;
      }
      String state = affinity.get().at("/spec/state").asText();
      if (block.isPresent() && state.equals("confirmed")) {
        return true;
      }
      affinity.get().withObjectProperty("spec").put("state", "pending");
      Optional<ObjectNode> pending = write(store.update(ObjectKind.BLOCK_AFFINITY, affinity.get()));
      if (pending.isEmpty()) {
        continue;
      }
      Optional<ObjectNode> written;
      if (block.isEmpty()) {
        written = write(store.create(ObjectKind.IPAM_BLOCK, block(cidr)));
      } else {
        written = write(store.update(ObjectKind.IPAM_BLOCK, counted(block.get())));
      }
      if (written.isPresent()) {
        pending.get().withObjectProperty("spec").put("state", "confirmed");
        if (write(store.update(ObjectKind.BLOCK_AFFINITY, pending.get())).isPresent()) {
          return true;
        }
      }
    }
    throw new Failed("excessive concurrent requests");
  }

  private ObjectNode affinity(String name, Cidr cidr) {
    ObjectNode object = object("BlockAffinity", name);
    object
        .putObject("spec")
        .put("state", "pending")
        .put("node", host)
        .put("type", "host")
        .put("cidr", cidr.toString())
        .put("deleted", "false");
    return object;
  }

  private ObjectNode block(Cidr cidr) {
    ObjectNode object = object("IPAMBlock", dashed(cidr));
    ObjectNode spec = object.putObject("spec");
    spec.put("cidr", cidr.toString()).put("affinity", "host:" + host);
    Instant now = clock.instant();
    spec.put("affinityClaimTime", Instant.ofEpochSecond(now.getEpochSecond()).toString());
    ArrayNode allocations = spec.putArray("allocations");
    ArrayNode unallocated = spec.putArray("unallocated");
    for (int i = 0; i < cidr.size().intValueExact(); i++) {
      allocations.addNull();
      unallocated.add(i);
    }
    spec.putArray("attributes");
    spec.put("sequenceNumber", now.toEpochMilli() * 1_000_000);
    spec.putObject("sequenceNumberForAllocation");
    spec.put("deleted", false).put("strictAffinity", false);
    return object;
  }

  private static ObjectNode object(String kind, String name) {
    ObjectNode object = JsonNodeFactory.instance.objectNode();
    object.put("apiVersion", "crd.projectcalico.org/v1").put("kind", kind);
    object.putObject("metadata").put("name", name);
    return object;
  }

  private static ObjectNode counted(ObjectNode block) {
    ObjectNode spec = block.withObjectProperty("spec");
    spec.put("sequenceNumber", spec.path("sequenceNumber").asLong() + 1);
    return block;
  }

  private Optional<IpAddress> fromBlock(Cidr cidr, String handle, Map<String, String> attributes)
      throws Failed {
    for (int i = 0; i < RETRIES; i++) {
      Optional<ObjectNode> block = get(ObjectKind.IPAM_BLOCK, dashed(cidr));
      if (block.isEmpty()) {
        return Optional.empty();
      }
      ObjectNode spec = block.get().withObjectProperty("spec");
      ArrayNode unallocated = spec.withArrayProperty("unallocated");
      if (unallocated.isEmpty()) {
        return Optional.empty();
      }
      int ordinal = unallocated.remove(0).asInt();
      ArrayNode all = spec.withArrayProperty("attributes");
      ObjectNode attribute = all.addObject().put("handle_id", handle);
      ObjectNode secondary = attribute.putObject("secondary");
      attributes.forEach(secondary::put);
      spec.withArrayProperty("allocations").set(ordinal, all.size() - 1);
      spec.withObjectProperty("sequenceNumberForAllocation")
          .put("" + ordinal, spec.path("sequenceNumber").asLong());
      count(handle, cidr, 1);
      KubeResult<ObjectNode> result = store.update(ObjectKind.IPAM_BLOCK, counted(block.get()));
      if (write(result).isPresent()) {
        return Optional.of(cidr.address(ordinal));
      }
      count(handle, cidr, -1);
      if (result.failure().filter(f -> f.kind() == KubeFault.Kind.UNAVAILABLE).isPresent()) {
        throw new Failed("no answer");
      }
    }
    throw new Failed("excessive concurrent requests");
  }

  /** ReleaseByHandle. */
  void release(String handle) throws Failed {
    Optional<ObjectNode> found = get(ObjectKind.IPAM_HANDLE, handle);
    if (found.isEmpty()) {
      return;
    }
    for (Map.Entry<String, JsonNode> each : found.get().at("/spec/block").properties()) {
      releaseFrom(Cidr.parse(each.getKey()), handle);
    }
  }

  private void releaseFrom(Cidr cidr, String handle) throws Failed {
    for (int i = 0; i < RETRIES; i++) {
      Optional<ObjectNode> block = get(ObjectKind.IPAM_BLOCK, dashed(cidr));
      int released = block.map(b -> free(b, handle)).orElse(0);
      if (released == 0) {
        return;
      }
      boolean done =
          (block.get().at("/spec/affinity").isMissingNode() && isEmpty(block.get()))
              ? delete(ObjectKind.IPAM_BLOCK, block.get(), true)
              : write(store.update(ObjectKind.IPAM_BLOCK, counted(block.get()))).isPresent();
      if (done) {
        count(handle, cidr, -released);
        return;
      }
    }
    throw new Failed("excessive concurrent requests");
  }

  private static boolean isEmpty(ObjectNode block) {
    for (JsonNode index : block.at("/spec/allocations")) {
      if (!index.isNull()) {
        return false;
      }
    }
    return true;
  }

  /** Frees at once; attributes that nothing refers to any more are left for a later write. */
  private static int free(ObjectNode block, String handle) {
    ObjectNode spec = block.withObjectProperty("spec");
    ArrayNode allocations = spec.withArrayProperty("allocations");
    int released = 0;
    for (int ordinal = 0; ordinal < allocations.size(); ordinal++) {
      JsonNode index = allocations.get(ordinal);
      if (!index.isNull()
          && spec.path("attributes")
              .path(index.asInt())
              .path("handle_id")
              .asText()
              .equals(handle)) {
        allocations.setNull(ordinal);
        spec.withArrayProperty("unallocated").add(ordinal);
        spec.withObjectProperty("sequenceNumberForAllocation").remove("" + ordinal);
        released++;
      }
    }
    return released;
  }

  private void count(String handle, Cidr cidr, int change) throws Failed {
    for (int i = 0; i < RETRIES; i++) {
      Optional<ObjectNode> found = get(ObjectKind.IPAM_HANDLE, handle);
      if (found.isEmpty()) {
        if (change < 0) {
          return;
        }
        ObjectNode object = object("IPAMHandle", handle);
        ObjectNode spec = object.putObject("spec").put("handleID", handle).put("deleted", false);
        spec.putObject("block").put(cidr.toString(), change);
        if (write(store.create(ObjectKind.IPAM_HANDLE, object)).isPresent()) {
          return;
        }
        continue;
      }
      ObjectNode blocks = found.get().withObjectProperty("spec").withObjectProperty("block");
      int next = blocks.path(cidr.toString()).asInt() + change;
      if (next > 0) {
        blocks.put(cidr.toString(), next);
      } else {
        blocks.remove(cidr.toString());
      }
      boolean done =
          blocks.isEmpty()
              ? delete(ObjectKind.IPAM_HANDLE, found.get(), true)
              : write(store.update(ObjectKind.IPAM_HANDLE, found.get())).isPresent();
      if (done) {
        return;
      }
    }
    throw new Failed("excessive concurrent requests");
  }

  /** One that is marked as deleted is helped out, and is not there. */
  private Optional<ObjectNode> get(ObjectKind kind, String name) throws Failed {
    KubeResult<ObjectNode> result = store.get(kind, name);
    if (result.failure().filter(f -> f.kind() != KubeFault.Kind.NOT_FOUND).isPresent()) {
      throw new Failed("" + result.failure());
    }
    Optional<ObjectNode> object = result.toOptional();
    if (object.filter(o -> o.at("/spec/deleted").asText().equals("true")).isPresent()) {
      store.delete(kind, name, uid(object.get()), version(object.get()));
      return Optional.empty();
    }
    return object;
  }

  private List<ObjectNode> list(ObjectKind kind) throws Failed {
    KubeResult<List<ObjectNode>> result = store.list(kind, "");
    return result.toOptional().orElseThrow(() -> new Failed("" + result.failure()));
  }

  private static Optional<ObjectNode> write(KubeResult<ObjectNode> result) throws Failed {
    if (result.failure().filter(f -> f.kind() == KubeFault.Kind.DENIED).isPresent()) {
      throw new Failed("" + result.failure());
    }
    return result.toOptional();
  }

  /** Marks, then deletes what was marked. */
  private boolean delete(ObjectKind kind, ObjectNode object, Object mark) throws Failed {
    ObjectNode spec = object.withObjectProperty("spec");
    if (mark instanceof Boolean flag) {
      spec.put("deleted", flag);
    } else {
      spec.put("deleted", mark.toString());
    }
    Optional<ObjectNode> marked = write(store.update(kind, object));
    marked.ifPresent(m -> store.delete(kind, m.at("/metadata/name").asText(), uid(m), version(m)));
    return marked.isPresent();
  }

  private static String uid(ObjectNode object) {
    return object.at("/metadata/uid").asText();
  }

  private static String version(ObjectNode object) {
    return object.at("/metadata/resourceVersion").asText();
  }

  private static String dashed(Cidr cidr) {
    return cidr.toString().replace('.', '-').replace('/', '-');
  }
}
