package io.portolan.calico.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.portolan.common.net.Cidr;
import io.portolan.common.net.IpFamily;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;

/** The {@link Codec} of each kind. */
public final class Codecs {
  public static final Codec<IpPool> POOL = new IpPoolCodec();
  public static final Codec<IpamBlock> BLOCK = new IpamBlockCodec();
  public static final Codec<IpReservation> RESERVATION = new Reservations();
  public static final Codec<IpamConfiguration> CONFIGURATION = new Configurations();
  public static final Codec<BlockAffinity> AFFINITY = new Affinities();
  public static final Codec<IpamHandle> HANDLE = new Handles();

  private Codecs() {}

  private static final class Reservations extends Codec<IpReservation> {
    private Reservations() {
      super(ObjectKind.IP_RESERVATION);
    }

    @Override
    public String name(IpReservation value) {
      return value.name();
    }

    @Override
    IpReservation read(Fields spec, JsonNode object, ApiGroup group)
        throws MalformedObjectException {
      return new IpReservation(
          object.path("metadata").path("name").asText(),
          spec.parsedList("reservedCIDRs", Codecs::block));
    }

    @Override
    void write(IpReservation value, ObjectNode spec, ApiGroup group) {
      var list = spec.putArray("reservedCIDRs");
      value.cidrs().forEach(cidr -> list.add(cidr.toString()));
    }
  }

  /** One address may be written without a length. */
  private static Cidr block(String text) {
    return text.indexOf('/') < 0
        ? io.portolan.common.net.IpAddress.parse(text).toCidr()
        : Cidr.parseMasking(text);
  }

  private static final class Configurations extends Codec<IpamConfiguration> {
    private static final int LONGEST_COOLDOWN = 1200;

    private Configurations() {
      super(ObjectKind.IPAM_CONFIGURATION);
    }

    @Override
    public String name(IpamConfiguration value) {
      return ObjectNames.CONFIGURATION;
    }

    @Override
    IpamConfiguration read(Fields spec, JsonNode object, ApiGroup group)
        throws MalformedObjectException {
      return new IpamConfiguration(
          spec.flag("strictAffinity", false),
          spec.flag("autoAllocateBlocks", true),
          spec.number("maxBlocksPerHost", 0, 0, 1_000_000),
          Duration.ofSeconds(spec.number("ipCooldownSeconds", 0, 0, LONGEST_COOLDOWN)));
    }

    @Override
    void write(IpamConfiguration value, ObjectNode spec, ApiGroup group) {
      spec.put("strictAffinity", value.strictAffinity());
      spec.put("autoAllocateBlocks", value.autoAllocateBlocks());
      spec.put("maxBlocksPerHost", value.maxBlocksPerHost());
      spec.put("ipCooldownSeconds", value.cooldown().toSeconds());
    }
  }

  private static final class Affinities extends Codec<BlockAffinity> {
    private Affinities() {
      super(ObjectKind.BLOCK_AFFINITY);
    }

    @Override
    public String name(BlockAffinity value) {
      return ObjectNames.affinity(value.owner().host(), value.cidr());
    }

    @Override
    BlockAffinity read(Fields spec, JsonNode object, ApiGroup group)
        throws MalformedObjectException {
      AffinityOwner.Type type =
          spec.has("type") && !spec.text("type").isEmpty()
              ? spec.parsed("type", AffinityOwner.Type::parse)
              : AffinityOwner.Type.HOST;
      return new BlockAffinity(
          spec.parsed("node", host -> new AffinityOwner(type, host)),
          spec.cidr("cidr"),
          spec.parsed("state", BlockAffinity.State::parse),
          group == ApiGroup.CRD
              ? spec.text("deleted").equals("true")
              : spec.flag("deleted", false));
    }

    @Override
    void write(BlockAffinity value, ObjectNode spec, ApiGroup group) {
      spec.put("state", value.state().text());
      spec.put("node", value.owner().host());
      spec.put("type", value.owner().type().text());
      spec.put("cidr", value.cidr().toString());
      if (group == ApiGroup.CRD) {
        spec.put("deleted", String.valueOf(value.deleted()));
      } else {
        spec.put("deleted", value.deleted());
      }
    }

    @Override
    public boolean isDeleted(BlockAffinity value) {
      return value.deleted();
    }

    @Override
    Map<String, String> labels(BlockAffinity value) {
      return Map.of(
          ObjectNames.HOSTNAME_HASH,
          ObjectNames.hostnameHash(value.owner().host()),
          ObjectNames.AFFINITY_TYPE,
          value.owner().type().text(),
          ObjectNames.IP_VERSION,
          value.cidr().family() == IpFamily.IPV4 ? "4" : "6");
    }
  }

  private static final class Handles extends Codec<IpamHandle> {
    private Handles() {
      super(ObjectKind.IPAM_HANDLE);
    }

    @Override
    public String name(IpamHandle value) {
      return ObjectNames.handle(value.id());
    }

    @Override
    public boolean isDeleted(IpamHandle value) {
      return value.deleted();
    }

    @Override
    IpamHandle read(Fields spec, JsonNode object, ApiGroup group) throws MalformedObjectException {
      Map<Cidr, Integer> blocks = new TreeMap<>();
      spec.counts("block", Cidr::parse)
          .forEach((cidr, count) -> blocks.put(cidr, Math.clamp(count, 0, Integer.MAX_VALUE)));
      return new IpamHandle(spec.text("handleID"), blocks, spec.flag("deleted", false));
    }

    @Override
    void write(IpamHandle value, ObjectNode spec, ApiGroup group) {
      spec.put("handleID", value.id());
      ObjectNode blocks = spec.putObject("block");
      value.blocks().forEach((cidr, count) -> blocks.put(cidr.toString(), count));
      spec.put("deleted", value.deleted());
    }
  }
}
