package io.portolan.calico.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.portolan.common.net.Cidr;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** IPAMBlocks. One that could make somebody assign an address twice is malformed. */
final class IpamBlockCodec extends Codec<IpamBlock> {
  private static final Set<String> ATTRIBUTES =
      Set.of("handle_id", "secondary", "alternateOwnerAttrs", "releasedAt");

  IpamBlockCodec() {
    super(ObjectKind.IPAM_BLOCK);
  }

  @Override
  public String name(IpamBlock value) {
    return ObjectNames.block(value.cidr());
  }

  @Override
  public boolean isDeleted(IpamBlock value) {
    return value.deleted();
  }

  @Override
  IpamBlock read(Fields spec, JsonNode object, ApiGroup group) throws MalformedObjectException {
    Cidr cidr = spec.cidr("cidr");
    String name = object.path("metadata").path("name").asText();
    if (!name.equals(ObjectNames.block(cidr))) {
      throw spec.problem("cidr", cidr + " is not what the object's name says: " + name);
    }
    int hostBits = cidr.family().bits() - cidr.prefixLength();
    if (hostBits > Integer.numberOfTrailingZeros(IpamBlock.LARGEST)) {
      throw spec.problem("cidr", cidr + " is larger than any block");
    }
    List<AllocationAttributes> attributes = new ArrayList<>();
    for (JsonNode each : spec.list("attributes")) {
      attributes.add(attributes(Fields.of(each, "spec.attributes[" + attributes.size() + "]")));
    }
    List<Integer> allocations = spec.numbers("allocations", IpamBlock.FREE, attributes.size() - 1);
    List<Integer> unallocated = spec.numbers("unallocated", IpamBlock.FREE, IpamBlock.LARGEST);
    if (allocations.size() != 1 << hostBits) {
      throw spec.problem(
          "allocations",
          "expected " + (1 << hostBits) + " for " + cidr + ", not " + allocations.size());
    }
    Set<Integer> seen = new HashSet<>();
    for (int ordinal : unallocated) {
      if (ordinal < 0 || ordinal >= allocations.size() || !seen.add(ordinal)) {
        throw spec.problem("unallocated", ordinal + " is no address of it, or is named twice");
      }
      if (allocations.get(ordinal) != IpamBlock.FREE) {
        throw spec.problem("unallocated", ordinal + " is allocated");
      }
    }
    return new IpamBlock(
        cidr,
        spec.has("affinity")
            ? Optional.of(spec.parsed("affinity", AffinityOwner::parse))
            : Optional.empty(),
        spec.time("affinityClaimTime"),
        allocations,
        unallocated,
        attributes,
        spec.count("sequenceNumber"),
        spec.counts("sequenceNumberForAllocation", Integer::valueOf),
        spec.flag("deleted", false));
  }

  private static AllocationAttributes attributes(Fields fields) throws MalformedObjectException {
    Map<String, JsonNode> others = new HashMap<>();
    for (Map.Entry<String, JsonNode> each : fields.node().properties()) {
      if (!ATTRIBUTES.contains(each.getKey())) {
        others.put(each.getKey(), each.getValue());
      }
    }
    return new AllocationAttributes(
        fields.has("handle_id") ? Optional.of(fields.text("handle_id")) : Optional.empty(),
        fields.texts("secondary"),
        fields.texts("alternateOwnerAttrs"),
        fields.time("releasedAt"),
        others);
  }

  @Override
  void write(IpamBlock value, ObjectNode spec, ApiGroup group) {
    spec.put("cidr", value.cidr().toString());
    spec.remove(List.of("affinity", "affinityClaimTime"));
    value.owner().ifPresent(owner -> spec.put("affinity", owner.toString()));
    value.claimed().ifPresent(time -> spec.put("affinityClaimTime", text(time)));
    ArrayNode allocations = spec.putArray("allocations");
    for (int index : value.allocations()) {
      if (index == IpamBlock.FREE) {
        allocations.addNull();
      } else {
        allocations.add(index);
      }
    }
    ArrayNode unallocated = spec.putArray("unallocated");
    value.unallocated().forEach(ordinal -> unallocated.add((int) ordinal));
    ArrayNode attributes = spec.putArray("attributes");
    value.attributes().forEach(each -> write(each, attributes.addObject()));
    spec.put("sequenceNumber", value.sequence());
    ObjectNode sequences = spec.putObject("sequenceNumberForAllocation");
    value.sequences().forEach((ordinal, sequence) -> sequences.put("" + ordinal, sequence));
    spec.put("deleted", value.deleted());
    if (!spec.has("strictAffinity")) {
      // Required by the schema, used by nobody.
      spec.put("strictAffinity", false);
    }
  }

  private static void write(AllocationAttributes value, ObjectNode attribute) {
    value.handle().ifPresent(handle -> attribute.put("handle_id", handle));
    write(value.owner(), attribute, "secondary");
    write(value.alternateOwner(), attribute, "alternateOwnerAttrs");
    value.releasedAt().ifPresent(time -> attribute.put("releasedAt", text(time)));
    value.others().forEach(attribute::set);
  }

  private static void write(Map<String, String> texts, ObjectNode attribute, String field) {
    if (!texts.isEmpty()) {
      ObjectNode object = attribute.putObject(field);
      texts.forEach(object::put);
    }
  }

  /** Whole seconds, as Kubernetes writes times. */
  private static String text(Instant time) {
    return time.truncatedTo(ChronoUnit.SECONDS).toString();
  }
}
