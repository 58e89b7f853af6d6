package io.portolan.policy.calico;

import com.fasterxml.jackson.databind.JsonNode;
import io.portolan.common.net.Cidr;
import io.portolan.common.net.IpAddress;
import io.portolan.policy.model.ClusterChange;
import io.portolan.policy.model.ClusterPod;
import io.portolan.policy.model.Failsafe;
import io.portolan.policy.model.HostEndpoint;
import io.portolan.policy.model.NotUnderstoodException;
import io.portolan.policy.model.Protocol;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads HostEndpoint, and of FelixConfiguration what host endpoints leave open. */
public final class CalicoHosts {
  private static final int LONGEST_INTERFACE_NAME = 15;

  private CalicoHosts() {}

  /** One that is not understood polices nothing: it is not known where it would be. */
  public static Decoded hostEndpoint(JsonNode object) {
    Fields metadata = new Fields(object.path("metadata"), "metadata");
    String name = metadata.node().path("name").asText("");
    if (name.isEmpty()) {
      return Decoded.nothing("metadata.name: missing");
    }
    List<String> problems = new ArrayList<>();
    try {
      Fields spec = Fields.of(object.path("spec"), "spec");
      String node = spec.text("node");
      String link = spec.text("interfaceName");
      List<IpAddress> expected = addresses(spec);
      if (node.isEmpty()) {
        throw spec.problem("node", "missing");
      }
      if (link.isEmpty() && expected.isEmpty()) {
        throw spec.problem("interfaceName", "missing, and so are expectedIPs");
      }
      if (link.length() > LONGEST_INTERFACE_NAME || link.contains("/") || link.contains(" ")) {
        throw spec.problem("interfaceName", "'" + link + "' is no interface's name");
      }
      HostEndpoint endpoint =
          new HostEndpoint(
              name,
              node,
              link,
              expected,
              metadata.map("labels"),
              ports(spec),
              spec.texts("profiles"));
      endpoint.profiles().stream()
          .filter(profile -> !profile.equals(HostEndpoint.DEFAULT_ALLOW))
          .forEach(profile ->
              problems.add(
                  spec.path("profiles") + ": '" + profile + "' is not known and allows nothing"));
      return Decoded.of(new ClusterChange.HostEndpointSeen(endpoint), problems);
    } catch (NotUnderstoodException e) {
      return Decoded.nothing("" + e.getMessage());
    }
  }

  /** A list that is not understood counts as not given, so that the default one stays open. */
  public static Decoded felixConfiguration(JsonNode object) {
    String name = object.path("metadata").path("name").asText("");
    if (name.isEmpty()) {
      return Decoded.nothing("metadata.name: missing");
    }
    List<String> problems = new ArrayList<>();
    Fields spec = new Fields(object.path("spec"), "spec");
    return Decoded.of(
        new ClusterChange.FailsafesSeen(
            name,
            failsafes(spec, "failsafeInboundHostPorts", problems),
            failsafes(spec, "failsafeOutboundHostPorts", problems)),
        problems);
  }

  private static List<IpAddress> addresses(Fields spec) throws NotUnderstoodException {
    List<IpAddress> addresses = new ArrayList<>();
    for (String text : spec.texts("expectedIPs")) {
      try {
        addresses.add(IpAddress.parse(text));
      } catch (IllegalArgumentException e) {
        throw spec.problem("expectedIPs[" + addresses.size() + "]", "" + e.getMessage());
      }
    }
    return addresses;
  }

  private static List<ClusterPod.NamedPort> ports(Fields spec) throws NotUnderstoodException {
    List<ClusterPod.NamedPort> ports = new ArrayList<>();
    for (JsonNode item : spec.list("ports")) {
      Fields port = Fields.of(item, spec.path("ports") + "[" + ports.size() + "]");
      ports.add(new ClusterPod.NamedPort(port.text("name"), protocol(port), number(port, 1)));
    }
    return ports;
  }

  private static Optional<List<Failsafe>> failsafes(
      Fields spec, String field, List<String> problems) {
    if (!spec.has(field)) {
      return Optional.empty();
    }
    try {
      List<Failsafe> failsafes = new ArrayList<>();
      for (JsonNode item : spec.list(field)) {
        Fields entry = Fields.of(item, spec.path(field) + "[" + failsafes.size() + "]");
        failsafes.add(new Failsafe(protocol(entry), number(entry, 0), net(entry)));
      }
      return Optional.of(failsafes);
    } catch (NotUnderstoodException e) {
      problems.add(e.getMessage() + ", so the default ports stay open");
      return Optional.empty();
    }
  }

  /** TCP where none is given. */
  private static Protocol protocol(Fields entry) throws NotUnderstoodException {
    return Rules.protocol(entry, "protocol").orElse(Protocol.TCP);
  }

  private static int number(Fields entry, int least) throws NotUnderstoodException {
    return entry.number("port", least, 65_535).orElseThrow(() -> entry.problem("port", "missing"));
  }

  private static Optional<Cidr> net(Fields entry) throws NotUnderstoodException {
    String text = entry.text("net");
    if (text.isEmpty()) {
      return Optional.empty();
    }
    try {
      if (text.contains("/")) {
        return Optional.of(Cidr.parseMasking(text));
      }
      IpAddress address = IpAddress.parse(text);
      return Optional.of(Cidr.containing(address, address.family().bits()));
    } catch (IllegalArgumentException e) {
      throw entry.problem("net", "" + e.getMessage());
    }
  }
}
