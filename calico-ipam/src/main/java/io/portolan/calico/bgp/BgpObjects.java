package io.portolan.calico.bgp;

import com.fasterxml.jackson.databind.JsonNode;
import io.portolan.calico.bgp.BgpConfiguration.Communities;
import io.portolan.common.net.Cidr;
import io.portolan.common.net.IpAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads BGPConfiguration, BGPPeer and BGPFilter objects; their specs are the same in {@code
 * projectcalico.org/v3} and {@code crd.projectcalico.org/v1}.
 */
public final class BgpObjects {
  /** What BIRD takes between quotation marks as a pattern of device names. */
  private static final Pattern DEVICE = Pattern.compile("[A-Za-z0-9_.*?@-]{1,15}");

  private static final int MAX_SECONDS = 65_535;
  private static final Pattern IPV4_PORT = Pattern.compile("([0-9.]+):(\\d{1,5})");
  private static final Pattern IPV6_PORT = Pattern.compile("\\[([0-9a-fA-F:.]+)](?::(\\d{1,5}))?");

  private BgpObjects() {}

  private static <T> BgpRead<T> read(String kind, JsonNode object, Function<Spec, T> reader) {
    String name = name(object);
    try {
      return new BgpRead.Usable<>(reader.apply(new Spec("spec", object.path("spec"))));
    } catch (IllegalArgumentException e) {
      return new BgpRead.Rejected<>(
          new BgpProblem(kind + " " + name, String.valueOf(e.getMessage())));
    }
  }

  private static String name(JsonNode object) {
    return object.path("metadata").path("name").asText();
  }

  public static BgpRead<BgpPeer> peer(JsonNode object) {
    return read("BGPPeer", object, spec -> peer(name(object), spec));
  }

  private static BgpPeer peer(String name, Spec spec) {
    if (spec.has("localWorkloadSelector")) {
      throw spec.at("localWorkloadSelector").wrong("peering with pods is not supported");
    }
    if (spec.has("node") && spec.has("nodeSelector")) {
      throw spec.wrong("give node or nodeSelector, not both");
    }
    BgpPeer.Local local =
        spec.has("node")
            ? new BgpPeer.Local.Named(spec.at("node").asText())
            : spec.has("nodeSelector")
                ? new BgpPeer.Local.Selected(spec.selector("nodeSelector"))
                : new BgpPeer.Local.All();
    return new BgpPeer(
        name,
        local,
        remote(spec),
        spec.as("localASNumber"),
        nextHop(spec),
        spec.secretKey("password"),
        switch (spec.text("sourceAddress").orElse("UseNodeIP")) {
          case "UseNodeIP" -> true;
          case "None" -> false;
          default -> throw spec.at("sourceAddress").wrong("must be UseNodeIP or None");
        },
        spec.seconds("maxRestartTime", MAX_SECONDS),
        spec.seconds("keepaliveTime", MAX_SECONDS),
        spec.number("numAllowedLocalASNumbers", 0, 255).orElse(0),
        spec.number("ttlSecurity", 1, 254),
        spec.has("reachableBy")
            ? Optional.of(spec.at("reachableBy").parsed(IpAddress::parse))
            : Optional.empty(),
        spec.list("filters").stream().map(Spec::asText).toList());
  }

  private static BgpPeer.Remote remote(Spec spec) {
    if (spec.has("peerSelector")) {
      if (spec.has("peerIP") || spec.has("asNumber")) {
        throw spec.wrong("with peerSelector neither peerIP nor asNumber may be given");
      }
      String reverse = spec.text("reversePeering").orElse("Auto");
      if (!reverse.equals("Auto") && !reverse.equals("Manual")) {
        throw spec.at("reversePeering").wrong("must be Auto or Manual");
      }
      return new BgpPeer.Remote.Nodes(spec.selector("peerSelector"), reverse.equals("Auto"));
    }
    if (!spec.has("peerIP")) {
      throw spec.wrong("give peerIP and asNumber, or peerSelector");
    }
    Spec field = spec.at("peerIP");
    String text = field.asText();
    OptionalInt port = OptionalInt.empty();
    Matcher four = IPV4_PORT.matcher(text);
    Matcher six = IPV6_PORT.matcher(text);
    String address = text;
    if (four.matches()) {
      address = four.group(1);
      port = OptionalInt.of(Integer.parseInt(four.group(2)));
    } else if (six.matches()) {
      address = six.group(1);
      if (six.group(2) != null) {
        port = OptionalInt.of(Integer.parseInt(six.group(2)));
      }
    }
    if (port.isPresent() && (port.getAsInt() < 1 || port.getAsInt() > 65_535)) {
      throw field.wrong("the port must be from 1 to 65535");
    }
    String plain = address;
    return new BgpPeer.Remote.Address(
        field.parsed(_ -> IpAddress.parse(plain)),
        port,
        spec.as("asNumber").orElseThrow(() -> spec.wrong("asNumber is missing")));
  }

  private static BgpPeer.NextHop nextHop(Spec spec) {
    return switch (spec.text("nextHopMode").orElse("")) {
      case "" ->
          spec.flag("keepOriginalNextHop", false)
              ? BgpPeer.NextHop.KEEP_EXTERNAL
              : BgpPeer.NextHop.AUTO;
      case "Auto" -> BgpPeer.NextHop.AUTO;
      case "Self" -> BgpPeer.NextHop.SELF;
      case "Keep" -> BgpPeer.NextHop.KEEP;
      default -> throw spec.at("nextHopMode").wrong("must be Auto, Self or Keep");
    };
  }

  public static BgpRead<BgpFilter> filter(JsonNode object) {
    return read("BGPFilter", object, spec -> FilterReader.read(name(object), spec));
  }

  /** A pattern of device names that BIRD understands. */
  static String device(Spec field) {
    String text = field.asText();
    if (!DEVICE.matcher(text).matches()) {
      throw field.wrong("'" + text + "' is no pattern of interface names");
    }
    return text;
  }

  /**
   * A configuration.
   *
   * @param object the one named {@code default}
   * @param ofNode the one named {@code node.} and the node's name; a missing node if there is none
   */
  public static BgpRead<BgpConfiguration> configuration(JsonNode object, JsonNode ofNode) {
    Spec node = new Spec("node's spec", ofNode.path("spec"));
    return read("BGPConfiguration", object, spec -> configuration(spec, node));
  }

  private static BgpConfiguration configuration(Spec spec, Spec node) {
    BgpConfiguration base = BgpConfiguration.DEFAULT;
    Spec port = node.has("listenPort") ? node : spec;
    Spec advertised = node.has("prefixAdvertisements") ? node : spec;
    return new BgpConfiguration(
        spec.as("asNumber").orElse(base.asNumber()),
        spec.flag("nodeToNodeMeshEnabled", base.mesh()),
        port.has("listenPort") && port.node().path("listenPort").asInt() != 0
            ? port.at("listenPort").asNumber(1, 65_535)
            : base.listenPort(),
        blocks(spec, "serviceClusterIPs"),
        blocks(spec, "serviceExternalIPs"),
        blocks(spec, "serviceLoadBalancerIPs"),
        switch (spec.text("serviceLoadBalancerAggregation").orElse("Enabled")) {
          case "Enabled" -> true;
          case "Disabled" -> false;
          default ->
              throw spec.at("serviceLoadBalancerAggregation").wrong("must be Enabled or Disabled");
        },
        communities(advertised, spec),
        spec.secretKey("nodeMeshPassword"),
        spec.seconds("nodeMeshMaxRestartTime", MAX_SECONDS),
        switch (spec.text("bindMode").orElse("None")) {
          case "None" -> false;
          case "NodeIP" -> true;
          default -> throw spec.at("bindMode").wrong("must be None or NodeIP");
        },
        spec.list("ignoredInterfaces").stream().map(BgpObjects::device).toList(),
        switch (spec.text("programClusterRoutes").orElse("EnabledNoEncapOnly")) {
          case "Enabled", "EnabledNoEncapOnly" -> true;
          case "Disabled", "EnabledIPIPOnly" -> false;
          default -> throw spec.at("programClusterRoutes").wrong("is no mode");
        });
  }

  private static List<Cidr> blocks(Spec spec, String field) {
    return spec.list(field).stream().filter(b -> b.has("cidr")).map(b -> b.cidr("cidr")).toList();
  }

  private static List<Communities> communities(Spec advertised, Spec named) {
    Map<String, BgpCommunity> names = new HashMap<>();
    for (Spec each : named.list("communities")) {
      names.put(
          each.text("name").orElseThrow(() -> each.wrong("name is missing")),
          each.at("value").parsed(BgpCommunity::parse));
    }
    List<Communities> all = new ArrayList<>();
    for (Spec each : advertised.list("prefixAdvertisements")) {
      List<BgpCommunity> values = new ArrayList<>();
      for (Spec value : each.list("communities")) {
        BgpCommunity known = names.get(value.asText());
        values.add(known != null ? known : value.parsed(BgpCommunity::parse));
      }
      all.add(new Communities(each.cidr("cidr"), values));
    }
    return all;
  }
}
