package io.portolan.calico.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.portolan.common.net.Cidr;
import io.portolan.common.net.IpFamily;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/** IPPools; the ranges are those that Calico's API enforces. */
final class IpPoolCodec extends Codec<IpPool> {
  IpPoolCodec() {
    super(ObjectKind.IP_POOL);
  }

  @Override
  public String name(IpPool value) {
    return value.name();
  }

  @Override
  IpPool read(Fields spec, JsonNode object, ApiGroup group) throws MalformedObjectException {
    JsonNode metadata = object.path("metadata");
    Cidr cidr = spec.cidr("cidr");
    int size = spec.number("blockSize", 0, 0, 128);
    int blockSize = size == 0 ? IpPool.defaultBlockSize(cidr.family()) : size;
    int smallest = cidr.family() == IpFamily.IPV4 ? 20 : 116;
    if (blockSize < smallest || blockSize > cidr.family().bits()) {
      throw spec.problem(
          "blockSize",
          "expected " + smallest + " to " + cidr.family().bits() + ", not " + blockSize);
    }
    boolean disabled = spec.flag("disabled", false);
    if (!disabled && cidr.prefixLength() > blockSize) {
      throw spec.problem(
          "cidr", cidr + " is smaller than one block (/" + blockSize + "); lower blockSize");
    }
    return new IpPool(
        metadata.path("name").asText(),
        cidr,
        blockSize,
        spec.parsed("vxlanMode", IpPoolCodec::mode),
        spec.parsed("ipipMode", IpPoolCodec::mode),
        spec.flag("natOutgoing", false),
        disabled,
        spec.flag("disableBGPExport", false),
        spec.text("nodeSelector"),
        spec.text("namespaceSelector"),
        uses(spec),
        !spec.text("assignmentMode").equals("Manual"),
        created(metadata.path("creationTimestamp").asText()),
        metadata.hasNonNull("deletionTimestamp"),
        allocatable(object.path("status")));
  }

  private static IpPool.Mode mode(String text) {
    return switch (text) {
      case "", "Never" -> IpPool.Mode.NEVER;
      case "Always" -> IpPool.Mode.ALWAYS;
      case "CrossSubnet" -> IpPool.Mode.CROSS_SUBNET;
      default ->
          throw new IllegalArgumentException(
              "expected Never, Always or CrossSubnet, not '" + text + "'");
    };
  }

  private static Set<IpPool.Use> uses(Fields spec) throws MalformedObjectException {
    Set<IpPool.Use> uses =
        new HashSet<>(
            spec.parsedList(
                "allowedUses",
                text ->
                    Arrays.stream(IpPool.Use.values())
                        .filter(use -> use.text().equals(text))
                        .findFirst()
                        .orElseThrow(
                            () -> new IllegalArgumentException("no such use: '" + text + "'"))));
    return uses.isEmpty() ? EnumSet.of(IpPool.Use.WORKLOAD, IpPool.Use.TUNNEL) : uses;
  }

  private static Instant created(String text) {
    try {
      return Instant.parse(text);
    } catch (DateTimeParseException e) {
      return Instant.EPOCH;
    }
  }

  private static Optional<Boolean> allocatable(JsonNode status) {
    for (JsonNode condition : status.path("conditions")) {
      if (condition.path("type").asText().equals("Allocatable")) {
        return switch (condition.path("status").asText()) {
          case "True" -> Optional.of(true);
          case "False" -> Optional.of(false);
          default -> Optional.empty();
        };
      }
    }
    return Optional.empty();
  }

  @Override
  void write(IpPool value, ObjectNode spec, ApiGroup group) {
    spec.put("cidr", value.cidr().toString());
    spec.put("blockSize", value.blockSize());
    spec.put("vxlanMode", text(value.vxlan()));
    spec.put("ipipMode", text(value.ipip()));
    spec.put("natOutgoing", value.natOutgoing());
    spec.put("disabled", value.disabled());
    spec.put("disableBGPExport", value.disableBgpExport());
    spec.put("nodeSelector", value.nodeSelector().isEmpty() ? "all()" : value.nodeSelector());
    if (!value.namespaceSelector().isEmpty() || spec.has("namespaceSelector")) {
      spec.put("namespaceSelector", value.namespaceSelector());
    }
    var uses = spec.putArray("allowedUses");
    value.uses().forEach(use -> uses.add(use.text()));
    spec.put("assignmentMode", value.automatic() ? "Automatic" : "Manual");
  }

  private static String text(IpPool.Mode mode) {
    return switch (mode) {
      case NEVER -> "Never";
      case ALWAYS -> "Always";
      case CROSS_SUBNET -> "CrossSubnet";
    };
  }
}
