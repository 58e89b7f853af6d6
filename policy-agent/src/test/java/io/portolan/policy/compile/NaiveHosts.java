package io.portolan.policy.compile;

import com.fasterxml.jackson.databind.JsonNode;
import io.portolan.common.net.Cidr;
import io.portolan.common.net.IpAddress;
import io.portolan.policy.compile.RandomHosts.HostFlow;
import io.portolan.policy.model.Direction;
import io.portolan.policy.nft.Flow;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * What node {@code n1} is to do at its interfaces by the text of Calico's documentation of host
 * endpoints, object by object.
 */
public final class NaiveHosts {
  private static final List<String> INBOUND =
      List.of(
          "TCP 22",
          "UDP 68",
          "TCP 179",
          "TCP 2379",
          "TCP 2380",
          "TCP 5473",
          "TCP 6443",
          "TCP 6666",
          "TCP 6667");
  private static final List<String> OUTBOUND =
      List.of(
          "UDP 53",
          "UDP 67",
          "TCP 179",
          "TCP 2379",
          "TCP 2380",
          "TCP 5473",
          "TCP 6443",
          "TCP 6666",
          "TCP 6667");

  private final RandomHosts hosts;
  private final NaiveCalico policies;

  public NaiveHosts(RandomHosts hosts) {
    this.hosts = hosts;
    this.policies = new NaiveCalico(hosts.calico(), hosts.endpoints());
  }

  /** What becomes of it, and whether its packets are kept out of connection tracking. */
  public record Outcome(boolean allowed, boolean untracked) {}

  /** But for what pods say to what is forwarded. */
  public Outcome outcome(HostFlow flow) {
    return switch (flow.way()) {
      case IN -> in(flow.in(), flow.flow(), true);
      case OUT -> out(flow.out(), flow.flow());
      case THROUGH -> {
        Outcome in = in(flow.in(), flow.flow(), false);
        yield new Outcome(
            in.allowed() && forwarded(flow.out(), Direction.EGRESS, flow.flow()), in.untracked());
      }
    };
  }

  private Outcome in(String link, Flow flow, boolean local) {
    Optional<JsonNode> endpoint = endpoint(link);
    if (endpoint.isEmpty()) {
      return new Outcome(true, false);
    }
    Flow addressed = asAddressed(flow);
    Optional<Boolean> untracked = untracked(endpoint.get(), Direction.INGRESS, addressed);
    if (untracked.isPresent()) {
      return new Outcome(untracked.get(), untracked.get());
    }
    if (!failsafe("failsafeInboundHostPorts", INBOUND, addressed, addressed.source())) {
      Optional<Boolean> before =
          policies.decideAt(endpoint.get(), Direction.INGRESS, is("preDNAT"), false, addressed);
      if (before.isPresent()) {
        return new Outcome(before.get(), false);
      }
    }
    return new Outcome(
        local
            ? failsafe("failsafeInboundHostPorts", INBOUND, flow, flow.source())
                || normal(endpoint.get(), Direction.INGRESS, flow)
            : forwarded(link, Direction.INGRESS, flow),
        false);
  }

  /** As the packet says before its destination is translated. */
  private static Flow asAddressed(Flow flow) {
    return new Flow(
        flow.source(), flow.addressed(), flow.protocol(), flow.sourcePort(), flow.port());
  }

  private Outcome out(String link, Flow flow) {
    Optional<JsonNode> endpoint = endpoint(link);
    if (endpoint.isEmpty()) {
      return new Outcome(true, false);
    }
    Flow addressed = asAddressed(flow);
    Optional<Boolean> untracked = untracked(endpoint.get(), Direction.EGRESS, addressed);
    if (untracked.isPresent()) {
      return new Outcome(untracked.get(), untracked.get());
    }
    return new Outcome(
        failsafe("failsafeOutboundHostPorts", OUTBOUND, flow, flow.destination())
            || normal(endpoint.get(), Direction.EGRESS, flow),
        false);
  }

  /** Stateless; not for an endpoint of every interface. Empty where it is left to others. */
  private Optional<Boolean> untracked(JsonNode endpoint, Direction direction, Flow flow) {
    if (endpoint.at("/spec/interfaceName").asText().equals("*")) {
      return Optional.empty();
    }
    boolean in = direction == Direction.INGRESS;
    IpAddress other = in ? flow.source() : flow.destination();
    // A reply to what a failsafe port let pass is none of its business either.
    Flow turned =
        new Flow(
            flow.source(), flow.destination(), flow.protocol(), flow.port(), flow.sourcePort());
    if (failsafe(
            in ? "failsafeInboundHostPorts" : "failsafeOutboundHostPorts",
            in ? INBOUND : OUTBOUND,
            flow,
            other)
        || failsafe(
            in ? "failsafeOutboundHostPorts" : "failsafeInboundHostPorts",
            in ? OUTBOUND : INBOUND,
            turned,
            other)) {
      return Optional.empty();
    }
    return policies.decideAt(endpoint, direction, is("doNotTrack"), false, flow);
  }

  private boolean normal(JsonNode endpoint, Direction direction, Flow flow) {
    boolean profile =
        endpoint.at("/spec/profiles").toString().contains("projectcalico-default-allow");
    return policies
        .decideAt(endpoint, direction, is("doNotTrack").or(is("preDNAT")).negate(), true, flow)
        .orElse(profile);
  }

  /** Allowed unless a policy that applies on forward says otherwise. */
  private boolean forwarded(String link, Direction direction, Flow flow) {
    return endpoint(link)
        .flatMap(endpoint ->
            policies.decideAt(
                endpoint,
                direction,
                is("applyOnForward").and(is("doNotTrack").or(is("preDNAT")).negate()),
                true,
                flow))
        .orElse(true);
  }

  private static Predicate<JsonNode> is(String flag) {
    return policy -> policy.path("spec").path(flag).asBoolean();
  }

  private boolean failsafe(String field, List<String> otherwise, Flow flow, IpAddress other) {
    Optional<JsonNode> list =
        List.of("node.n1", "default").stream()
            .flatMap(name ->
                hosts.felix().stream().filter(f -> f.at("/metadata/name").asText().equals(name)))
            .map(f -> f.path("spec").path(field))
            .filter(JsonNode::isArray)
            .findFirst();
    if (list.isEmpty()) {
      return otherwise.contains(
          (flow.protocol() == 6 ? "TCP " : flow.protocol() == 17 ? "UDP " : "") + flow.port());
    }
    for (JsonNode entry : list.get()) {
      Optional<Cidr> net =
          Optional.of(entry.path("net").asText())
              .filter(text -> !text.isEmpty())
              .map(text -> Cidr.parse(text.contains("/") ? text : text + "/128"));
      if ((entry.path("protocol").asText().equals("TCP") ? 6 : 17) == flow.protocol()
          && entry.path("port").asInt() == flow.port()
          && net.map(n -> n.family() == other.family() && n.contains(other)).orElse(true)) {
        return true;
      }
    }
    return false;
  }

  /** By name, then by expected address; of several the first by name. */
  private Optional<JsonNode> endpoint(String link) {
    List<JsonNode> here =
        hosts.endpoints().stream()
            .filter(e -> e.at("/spec/node").asText().equals(RandomHosts.NODE))
            .sorted(Comparator.comparing(e -> e.at("/metadata/name").asText()))
            .toList();
    List<String> addresses =
        RandomHosts.INTERFACES.getOrDefault(link, List.of()).stream()
            .map(IpAddress::toString)
            .toList();
    return here.stream()
        .filter(e -> {
          String name = e.at("/spec/interfaceName").asText();
          return name.equals(link)
              || (name.isEmpty()
                  && List.of(e.at("/spec/expectedIPs").toString().split("[^0-9a-f.:]+", -1))
                      .stream()
                      .anyMatch(addresses::contains));
        })
        .findFirst()
        .or(() ->
            here.stream()
                .filter(e -> e.at("/spec/interfaceName").asText().equals("*"))
                .findFirst());
  }

  @Override
  public String toString() {
    return Map.of("policies", hosts.calico().policies(), "endpoints", hosts.endpoints()).toString();
  }
}
