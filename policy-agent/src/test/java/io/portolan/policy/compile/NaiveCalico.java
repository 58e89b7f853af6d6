package io.portolan.policy.compile;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.portolan.common.net.Cidr;
import io.portolan.common.net.IpAddress;
import io.portolan.common.select.expression.Expression;
import io.portolan.common.select.expression.ExpressionParser;
import io.portolan.common.select.expression.Parsed;
import io.portolan.policy.compile.RandomCluster.TestPod;
import io.portolan.policy.model.ClusterPod;
import io.portolan.policy.model.Direction;
import io.portolan.policy.model.NetworkPolicies;
import io.portolan.policy.model.NotUnderstoodException;
import io.portolan.policy.model.Protocol;
import io.portolan.policy.nft.Flow;
import io.portolan.sim.policy.Connection;
import io.portolan.sim.policy.PolicyText;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/** What this node is to do by the text of Calico's documentation, object by object. */
public final class NaiveCalico {
  private final RandomCalico calico;
  private final List<JsonNode> endpoints;

  public NaiveCalico(RandomCalico calico) {
    this(calico, List.of());
  }

  /**
   * @param endpoints HostEndpoints, as peers
   */
  NaiveCalico(RandomCalico calico, List<JsonNode> endpoints) {
    this.calico = calico;
    this.endpoints = endpoints;
  }

  /**
   * What has labels.
   *
   * @param namespace empty for none
   */
  private record Thing(
      String namespace,
      Map<String, String> labels,
      Optional<TestPod> pod,
      List<Cidr> blocks,
      List<ClusterPod.NamedPort> ports) {}

  /** A policy with its place, and what it answers: a verdict or nothing. */
  private record Placed(String tier, double order, String tie, Optional<String> verdict) {}

  private record Tier(String name, double order, boolean denies) {}

  public boolean allows(Flow flow) {
    return allows(Direction.EGRESS, flow) && allows(Direction.INGRESS, flow);
  }

  /** Whether a pod would talk to itself; no rule is meant for that. */
  public boolean isOfOnePod(Flow flow) {
    return podAt(flow.source()).isPresent()
        && podAt(flow.source()).equals(podAt(flow.destination()));
  }

  boolean allows(Direction direction, Flow flow) {
    Optional<TestPod> subject =
        podAt(direction == Direction.EGRESS ? flow.source() : flow.destination());
    if (subject.filter(TestPod::local).isEmpty()) {
      return true;
    }
    List<Placed> applying = new ArrayList<>();
    calico
        .policies()
        .forEach(policy -> {
          if (isForPods(policy)) {
            place(policy, thing(subject.get()), direction, flow).ifPresent(applying::add);
          }
        });
    calico
        .cluster()
        .policies()
        .forEach(policy ->
            placeKubernetes(policy, subject.get(), direction, flow).ifPresent(applying::add));
    // The namespace's profile.
    return !decide(applying, true).equals(Optional.of(false));
  }

  /**
   * Empty if no tier decides.
   *
   * @param ends whether a tier decides on what none of its policies did
   */
  private Optional<Boolean> decide(List<Placed> applying, boolean ends) {
    applying.sort(Comparator.comparingDouble(Placed::order).thenComparing(Placed::tie));
    for (Tier tier : tiers()) {
      List<Placed> inside = applying.stream().filter(p -> p.tier().equals(tier.name())).toList();
      if (inside.isEmpty()) {
        continue;
      }
      String verdict =
          inside.stream()
              .flatMap(p -> p.verdict().stream())
              .findFirst()
              .orElse(ends && tier.denies() ? "Deny" : "Pass");
      if (!verdict.equals("Pass")) {
        return Optional.of(verdict.equals("Allow"));
      }
    }
    return Optional.empty();
  }

  private static boolean isForPods(JsonNode policy) {
    return !policy.at("/spec/doNotTrack").asBoolean() && !policy.at("/spec/preDNAT").asBoolean();
  }

  /**
   * What those policies that are wanted say at a host endpoint; empty if none decides.
   *
   * @param ends as above
   */
  Optional<Boolean> decideAt(
      JsonNode endpoint, Direction direction, Predicate<JsonNode> wanted, boolean ends, Flow flow) {
    List<Placed> applying = new ArrayList<>();
    for (JsonNode policy : calico.policies()) {
      if (RandomCalico.isGlobal(policy) && wanted.test(policy)) {
        place(policy, thing(endpoint), direction, flow).ifPresent(applying::add);
      }
    }
    return decide(applying, ends);
  }

  private static Thing thing(JsonNode endpoint) {
    Map<String, String> labels = new HashMap<>();
    endpoint
        .at("/metadata/labels")
        .properties()
        .forEach(e -> labels.put(e.getKey(), e.getValue().asText()));
    List<Cidr> addresses = new ArrayList<>();
    for (JsonNode text : endpoint.at("/spec/expectedIPs")) {
      IpAddress address = IpAddress.parse(text.asText());
      addresses.add(Cidr.containing(address, address.family().bits()));
    }
    List<ClusterPod.NamedPort> ports = new ArrayList<>();
    for (JsonNode port : endpoint.at("/spec/ports")) {
      ports.add(
          new ClusterPod.NamedPort(
              port.path("name").asText(),
              new Protocol(number(port.path("protocol"))),
              port.path("port").asInt()));
    }
    return new Thing("", labels, Optional.empty(), addresses, ports);
  }

  private List<Tier> tiers() {
    List<Tier> tiers = new ArrayList<>();
    tiers.add(new Tier("kube-admin", 1_000, false));
    tiers.add(new Tier("default", 1_000_000, true));
    tiers.add(new Tier("kube-baseline", 10_000_000, false));
    for (JsonNode tier : calico.tiers()) {
      tiers.add(
          new Tier(
              tier.at("/metadata/name").asText(),
              tier.at("/spec/order").asDouble(Double.MAX_VALUE),
              !tier.at("/spec/defaultAction").asText().equals("Pass")));
    }
    tiers.sort(Comparator.comparingDouble(Tier::order).thenComparing(Tier::name));
    return tiers;
  }

  private Optional<Placed> place(JsonNode policy, Thing subject, Direction direction, Flow flow) {
    String namespace = policy.at("/metadata/namespace").asText();
    JsonNode spec = policy.path("spec");
    boolean selects =
        (namespace.isEmpty() || namespace.equals(subject.namespace()))
            && holds(spec.path("selector"), subject.labels())
            && holds(spec.path("serviceAccountSelector"), account(subject))
            && holds(spec.path("namespaceSelector"), namespaceLabels(subject.namespace()));
    List<String> types = new ArrayList<>();
    spec.path("types").forEach(type -> types.add(type.asText()));
    if (types.isEmpty()) {
      if (spec.path("ingress").size() > 0 || spec.path("egress").size() == 0) {
        types.add("Ingress");
      }
      if (spec.path("egress").size() > 0) {
        types.add("Egress");
      }
    }
    if (!selects || types.stream().noneMatch(direction.text()::equalsIgnoreCase)) {
      return Optional.empty();
    }
    Optional<String> verdict = Optional.empty();
    for (JsonNode rule : spec.path(direction.text())) {
      if (!rule.path("action").asText().equals("Log") && matches(rule, namespace, flow)) {
        verdict = Optional.of(rule.path("action").asText());
        break;
      }
    }
    return Optional.of(
        new Placed(
            spec.path("tier").asText("default"),
            spec.path("order").asDouble(Double.POSITIVE_INFINITY),
            policy.at("/metadata/name").asText()
                + "/"
                + namespace
                + "/"
                + (namespace.isEmpty() ? "GlobalNetworkPolicy" : "NetworkPolicy"),
            verdict));
  }

  /** Tier default, order 1000; it allows or says nothing. */
  private Optional<Placed> placeKubernetes(
      JsonNode policy, TestPod subject, Direction direction, Flow flow) {
    try {
      var decoded = NetworkPolicies.decode(policy);
      if (!decoded.directions().contains(direction)
          || !decoded
              .subject()
              .matches(
                  subject.namespace(),
                  calico.cluster().namespaces().getOrDefault(subject.namespace(), Map.of()),
                  subject.labels())) {
        return Optional.empty();
      }
    } catch (NotUnderstoodException e) {
      throw new AssertionError(policy.toString(), e);
    }
    boolean allows =
        new PolicyText(List.of(policy), calico.cluster().namespaces())
            .allows(
                direction == Direction.INGRESS
                    ? PolicyText.Direction.INGRESS
                    : PolicyText.Direction.EGRESS,
                new Connection(
                    end(flow.source()), end(flow.destination()), flow.protocol(), flow.port()));
    return Optional.of(
        new Placed(
            "default",
            1_000,
            policy.at("/metadata/name").asText()
                + "/"
                + policy.at("/metadata/namespace").asText()
                + "/KubernetesNetworkPolicy",
            allows ? Optional.of("Allow") : Optional.empty()));
  }

  private Connection.End end(IpAddress address) {
    return new Connection.End(
        podAt(address)
            .map(pod ->
                new Connection.Pod(
                    pod.namespace(),
                    pod.labels(),
                    pod.ports().stream()
                        .map(port ->
                            new Connection.NamedPort(
                                port.name(), port.protocol().number(), port.number()))
                        .toList())),
        List.of(address));
  }

  private boolean matches(JsonNode rule, String namespace, Flow flow) {
    if (rule.has("ipVersion") && (rule.path("ipVersion").asInt() == 4) != flow.source().isIpv4()) {
      return false;
    }
    if (rule.has("protocol") && number(rule.path("protocol")) != flow.protocol()) {
      return false;
    }
    if (rule.has("notProtocol") && number(rule.path("notProtocol")) == flow.protocol()) {
      return false;
    }
    if (rule.has("icmp") && !icmp(rule.path("icmp"), flow)) {
      return false;
    }
    if (rule.has("notICMP") && icmp(rule.path("notICMP"), flow)) {
      return false;
    }
    return inService(rule.at("/source/services"), namespace, flow.source(), flow, false)
        && inService(rule.at("/destination/services"), namespace, flow.destination(), flow, true)
        && matches(rule.path("source"), namespace, flow.source(), flow, flow.sourcePort())
        && matches(rule.path("destination"), namespace, flow.destination(), flow, flow.port());
  }

  /** Endpoints' addresses; of a destination with the ports that they have. */
  private boolean inService(
      JsonNode service, String namespace, IpAddress address, Flow flow, boolean withPorts) {
    if (service.isMissingNode()) {
      return true;
    }
    for (JsonNode slice : calico.slices()) {
      if (!slice
              .at("/metadata/namespace")
              .asText()
              .equals(service.path("namespace").asText(namespace))
          || !slice
              .at("/metadata/labels/kubernetes.io~1service-name")
              .asText()
              .equals(service.path("name").asText())) {
        continue;
      }
      boolean there = false;
      for (JsonNode endpoint : slice.path("endpoints")) {
        for (JsonNode one : endpoint.path("addresses")) {
          there |=
              !one.asText().startsWith("example") && IpAddress.parse(one.asText()).equals(address);
        }
      }
      boolean port = !withPorts;
      for (JsonNode one : slice.path("ports")) {
        port |=
            one.has("port")
                && one.path("port").asInt() == flow.port()
                && number(new TextNode(one.path("protocol").asText("TCP"))) == flow.protocol();
      }
      if (there && port) {
        return true;
      }
    }
    return false;
  }

  /** The protocol is tested already. */
  private static boolean icmp(JsonNode icmp, Flow flow) {
    return flow.isIcmp()
        && icmp.path("type").asInt() == flow.port() >> 8
        && (!icmp.has("code") || icmp.path("code").asInt() == (flow.port() & 255));
  }

  private static int number(JsonNode protocol) {
    return switch (protocol.asText()) {
      case "TCP" -> 6;
      case "UDP" -> 17;
      case "SCTP" -> 132;
      case "ICMP" -> 1;
      case "ICMPv6" -> 58;
      case String other -> Integer.parseInt(other);
    };
  }

  private boolean matches(JsonNode peer, String namespace, IpAddress address, Flow flow, int port) {
    for (String field : List.of("nets", "notNets")) {
      List<Cidr> blocks = new ArrayList<>();
      peer.path(field).forEach(net -> blocks.add(Cidr.parse(net.asText())));
      if (blocks.isEmpty()) {
        continue;
      }
      if (blocks.stream().noneMatch(block -> block.family() == address.family())) {
        return false;
      }
      if (blocks.stream().anyMatch(block -> block.contains(address)) != field.equals("nets")) {
        return false;
      }
    }
    boolean accounts = peer.has("serviceAccounts");
    boolean positive =
        peer.has("selector")
            || peer.has("namespaceSelector")
            || accounts
            || (peer.has("notSelector") && !namespace.isEmpty());
    Predicate<Thing> selected =
        thing ->
            inScope(peer, namespace, thing)
                && holds(peer.path("selector"), thing.labels())
                && (!accounts || ofAccount(peer.path("serviceAccounts"), thing))
                && !(peer.has("notSelector") && holds(peer.path("notSelector"), thing.labels()));
    List<Thing> there =
        things().stream()
            .filter(thing -> thing.blocks().stream().anyMatch(b -> b.contains(address)))
            .toList();
    if (positive && there.stream().noneMatch(selected)) {
      return false;
    }
    if (!positive
        && peer.has("notSelector")
        && there.stream().anyMatch(thing -> holds(peer.path("notSelector"), thing.labels()))) {
      return false;
    }
    List<ClusterPod.NamedPort> named =
        there.stream()
            .filter(thing -> !positive || selected.test(thing))
            .flatMap(thing -> thing.ports().stream())
            .toList();
    return (!peer.has("ports") || ports(peer.path("ports"), named, flow, port))
        && !(peer.has("notPorts") && ports(peer.path("notPorts"), named, flow, port));
  }

  private static boolean ports(
      JsonNode ports, List<ClusterPod.NamedPort> named, Flow flow, int port) {
    for (JsonNode one : ports) {
      String text = one.asText();
      boolean matches;
      if (text.contains(":")) {
        String[] range = text.split(":", 2);
        matches = Integer.parseInt(range[0]) <= port && port <= Integer.parseInt(range[1]);
      } else if (one.isNumber()) {
        matches = one.asInt() == port;
      } else {
        matches =
            named.stream()
                .anyMatch(candidate ->
                    candidate.name().equals(text)
                        && candidate.protocol().number() == flow.protocol()
                        && candidate.number() == port);
      }
      if (matches) {
        return true;
      }
    }
    return false;
  }

  private boolean inScope(JsonNode peer, String policyNamespace, Thing thing) {
    if (peer.has("namespaceSelector")) {
      boolean isGlobal = thing.namespace().isEmpty();
      return holds(
          parse(peer.path("namespaceSelector").asText()),
          isGlobal ? Map.of() : namespaceLabels(thing.namespace()),
          !isGlobal,
          isGlobal);
    }
    return policyNamespace.isEmpty() || policyNamespace.equals(thing.namespace());
  }

  private boolean ofAccount(JsonNode match, Thing thing) {
    boolean named = !match.has("names");
    for (JsonNode name : match.path("names")) {
      named |= thing.pod().filter(p -> p.serviceAccount().equals(name.asText())).isPresent();
    }
    return named && holds(match.path("selector"), account(thing));
  }

  /** Of the service account; none for what has none. */
  private Map<String, String> account(Thing thing) {
    return thing
        .pod()
        .map(pod ->
            calico
                .accounts()
                .getOrDefault(
                    new RandomCalico.Account(pod.namespace(), pod.serviceAccount()), Map.of()))
        .orElse(Map.of());
  }

  private Map<String, String> namespaceLabels(String namespace) {
    return calico.cluster().namespaces().getOrDefault(namespace, Map.of());
  }

  private List<Thing> things() {
    List<Thing> things = new ArrayList<>();
    calico.cluster().pods().stream()
        .filter(pod -> !pod.finished() && !pod.hostNetwork())
        .forEach(pod -> things.add(thing(pod)));
    for (JsonNode set : calico.sets()) {
      String namespace = set.at("/metadata/namespace").asText();
      Map<String, String> labels = new HashMap<>();
      set.at("/metadata/labels")
          .properties()
          .forEach(e -> labels.put(e.getKey(), e.getValue().asText()));
      if (!namespace.isEmpty()) {
        labels.put("projectcalico.org/namespace", namespace);
        namespaceLabels(namespace).forEach((k, v) -> labels.put("pcns." + k, v));
      }
      List<Cidr> blocks = new ArrayList<>();
      set.at("/spec/nets").forEach(net -> blocks.add(Cidr.parse(net.asText())));
      things.add(new Thing(namespace, labels, Optional.empty(), blocks, List.of()));
    }
    endpoints.forEach(endpoint -> things.add(thing(endpoint)));
    return things;
  }

  private Thing thing(TestPod pod) {
    Map<String, String> labels = new HashMap<>(pod.labels());
    namespaceLabels(pod.namespace()).forEach((k, v) -> labels.put("pcns." + k, v));
    labels.put("projectcalico.org/namespace", pod.namespace());
    labels.put("projectcalico.org/orchestrator", "k8s");
    Thing bare = new Thing(pod.namespace(), Map.of(), Optional.of(pod), List.of(), pod.ports());
    account(bare).forEach((k, v) -> labels.put("pcsa." + k, v));
    if (!pod.serviceAccount().isEmpty()) {
      labels.put("projectcalico.org/serviceaccount", pod.serviceAccount());
    }
    return new Thing(
        pod.namespace(),
        labels,
        Optional.of(pod),
        pod.addresses().stream().map(a -> Cidr.containing(a, a.family().bits())).toList(),
        pod.ports());
  }

  private Optional<TestPod> podAt(IpAddress address) {
    return calico.cluster().pods().stream()
        .filter(pod -> !pod.finished() && !pod.hostNetwork() && pod.addresses().contains(address))
        .findFirst();
  }

  /** A missing selector takes everything. */
  private static boolean holds(JsonNode selector, Map<String, String> labels) {
    return selector.isMissingNode() || holds(parse(selector.asText()), labels, true, true);
  }

  private static Expression parse(String selector) {
    return switch (ExpressionParser.parse(selector)) {
      case Parsed.Valid(Expression expression) -> expression;
      case Parsed.Invalid invalid -> throw new AssertionError(selector + invalid);
    };
  }

  private static boolean holds(
      Expression expression, Map<String, String> labels, boolean all, boolean global) {
    return switch (expression) {
      case Expression.All _ -> all;
      case Expression.Global _ -> global;
      case Expression.Not not -> !holds(not.operand(), labels, all, global);
      case Expression.And and ->
          and.operands().stream().allMatch(o -> holds(o, labels, all, global));
      case Expression.Or or -> or.operands().stream().anyMatch(o -> holds(o, labels, all, global));
      case Expression.Has _, Expression.Compare _, Expression.Member _ ->
          expression.matches(labels);
    };
  }
}
