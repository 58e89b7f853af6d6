package io.portolan.policy.calico;

import com.fasterxml.jackson.databind.JsonNode;
import io.portolan.common.net.Cidr;
import io.portolan.common.net.IpAddress;
import io.portolan.common.net.IpFamily;
import io.portolan.common.select.PodQuery;
import io.portolan.common.select.Selector;
import io.portolan.common.select.expression.CalicoScoping;
import io.portolan.common.select.expression.EndpointLabels;
import io.portolan.common.select.expression.Expression;
import io.portolan.common.select.expression.ExpressionLowering;
import io.portolan.policy.model.Condition;
import io.portolan.policy.model.Direction;
import io.portolan.policy.model.End;
import io.portolan.policy.model.Match;
import io.portolan.policy.model.NotUnderstoodException;
import io.portolan.policy.model.Protocol;
import io.portolan.policy.model.ServiceName;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** Reads the {@code source} and {@code destination} of rules (EntityRule). */
final class Peers {
  private static final Set<String> KNOWN =
      Set.of(
          "nets",
          "notNets",
          "selector",
          "notSelector",
          "namespaceSelector",
          "serviceAccounts",
          "services",
          "ports",
          "notPorts");

  /** What sources may not say beside {@code services}. */
  private static final List<String> NOT_FROM_SERVICES =
      List.of("selector", "notSelector", "namespaceSelector", "nets", "notNets", "serviceAccounts");

  /** What destinations may not say beside {@code services}. */
  private static final List<String> NOT_TO_SERVICES =
      Stream.concat(NOT_FROM_SERVICES.stream(), Stream.of("ports", "notPorts")).toList();

  private static final Set<Protocol> WITH_PORTS = Set.of(Protocol.TCP, Protocol.UDP, Protocol.SCTP);

  private final Optional<String> policyNamespace;

  /**
   * @param policyNamespace empty for a GlobalNetworkPolicy
   */
  Peers(Optional<String> policyNamespace) {
    this.policyNamespace = policyNamespace;
  }

  /** All of the conditions that an end must meet. */
  List<Condition> conditions(Fields peer, End end, Direction direction, Optional<Protocol> protocol)
      throws NotUnderstoodException {
    peer.expectOnly(KNOWN);
    List<Condition> all = new ArrayList<>();
    Optional<Fields> services = peer.object("services");
    if (services.isPresent()) {
      all.add(Condition.anyOf(List.of(service(peer, services.get(), end, direction))));
    }
    selected(peer, end).ifPresent(all::add);
    List<Match.Block> nets = blocks(peer, "nets", end);
    if (!nets.isEmpty()) {
      all.add(Condition.anyOf(nets));
    }
    List<Match.Block> notNets = blocks(peer, "notNets", end);
    if (!notNets.isEmpty()) {
      // Calico renders a rule for each family with the blocks of that family, and leaves the rule
      // out where none of them is of it.
      all.add(Condition.anyOf(families(notNets)));
      all.add(Condition.noneOf(notNets));
    }
    List<Match> ports = ports(peer, "ports", end, protocol);
    if (!ports.isEmpty()) {
      all.add(Condition.anyOf(ports));
    }
    List<Match> notPorts = ports(peer, "notPorts", end, protocol);
    if (!notPorts.isEmpty()) {
      all.add(Condition.noneOf(notPorts));
    }
    return all;
  }

  /** The endpoints of a service bring their addresses, and as destinations their ports. */
  private Match service(Fields peer, Fields services, End end, Direction direction)
      throws NotUnderstoodException {
    services.expectOnly(Set.of("name", "namespace"));
    if (end != End.peer(direction)) {
      throw peer.problem(
          "services", "belongs in the source of ingress rules and the destination of egress rules");
    }
    for (String field : direction == Direction.EGRESS ? NOT_TO_SERVICES : NOT_FROM_SERVICES) {
      if (peer.has(field)) {
        throw peer.problem("services", "excludes " + field);
      }
    }
    String name = services.text("name");
    if (name.isEmpty()) {
      throw services.problem("name", "missing");
    }
    String namespace = services.text("namespace");
    if (namespace.isEmpty()) {
      namespace =
          policyNamespace.orElseThrow(
              () -> services.problem("namespace", "a GlobalNetworkPolicy has to name it"));
    }
    return new Match.Service(end, new ServiceName(namespace, name));
  }

  /**
   * With a selector of any kind the end is an endpoint or in a network set that all of them take;
   * of a GlobalNetworkPolicy {@code notSelector} by itself also takes what is neither.
   */
  private Optional<Condition> selected(Fields peer, End end) throws NotUnderstoodException {
    Optional<Expression> namespaces = Expressions.onNamespaces(peer, "namespaceSelector");
    Optional<Expression> not = Expressions.onLabels(peer, "notSelector");
    List<Selector> positive = new ArrayList<>(accounts(peer));
    Expressions.onLabels(peer, "selector").map(ExpressionLowering::lower).ifPresent(positive::add);
    boolean scoped =
        !positive.isEmpty()
            || namespaces.isPresent()
            || (not.isPresent() && policyNamespace.isPresent());
    if (scoped) {
      not.map(expression -> ExpressionLowering.lower(new Expression.Not(expression)))
          .ifPresent(positive::add);
      return Optional.of(
          Condition.anyOf(
              List.of(
                  new Match.Selected(
                      end,
                      new PodQuery(
                          CalicoScoping.ofPeer(policyNamespace, namespaces),
                          Selector.and(positive),
                          PodQuery.View.INHERITED)))));
    }
    return not.map(expression ->
        Condition.noneOf(
            List.of(
                new Match.Selected(
                    end,
                    new PodQuery(
                        CalicoScoping.ofPeer(Optional.empty(), Optional.empty()),
                        ExpressionLowering.lower(expression),
                        PodQuery.View.INHERITED)))));
  }

  private static List<Selector> accounts(Fields peer) throws NotUnderstoodException {
    Optional<Fields> accounts = peer.object("serviceAccounts");
    List<Selector> selectors = new ArrayList<>();
    if (accounts.isPresent()) {
      accounts.get().expectOnly(Set.of("names", "selector"));
      List<String> names = accounts.get().texts("names");
      if (!names.isEmpty()) {
        selectors.add(Selector.in(EndpointLabels.SERVICE_ACCOUNT, names));
      }
      Expressions.onLabels(accounts.get(), "selector")
          .map(expression -> expression.prefixed(EndpointLabels.SERVICE_ACCOUNT_PREFIX))
          .map(ExpressionLowering::lower)
          .ifPresent(selectors::add);
    }
    return selectors;
  }

  private static List<Match.Block> blocks(Fields peer, String field, End end)
      throws NotUnderstoodException {
    List<Match.Block> blocks = new ArrayList<>();
    for (Cidr cidr : cidrs(peer, field)) {
      blocks.add(new Match.Block(end, cidr, List.of()));
    }
    return blocks;
  }

  /** Blocks, or single addresses; host bits are cleared. */
  static List<Cidr> cidrs(Fields fields, String field) throws NotUnderstoodException {
    List<Cidr> cidrs = new ArrayList<>();
    for (String text : fields.texts(field)) {
      try {
        if (text.contains("/")) {
          cidrs.add(Cidr.parseMasking(text));
        } else {
          IpAddress address = IpAddress.parse(text);
          cidrs.add(Cidr.containing(address, address.family().bits()));
        }
      } catch (IllegalArgumentException e) {
        throw fields.problem(field + "[" + cidrs.size() + "]", "" + e.getMessage());
      }
    }
    return cidrs;
  }

  private static List<Match.Family> families(List<Match.Block> blocks) {
    EnumSet<IpFamily> families = EnumSet.noneOf(IpFamily.class);
    blocks.forEach(block -> families.add(block.cidr().family()));
    return families.stream().map(Match.Family::new).toList();
  }

  private static List<Match> ports(Fields peer, String field, End end, Optional<Protocol> protocol)
      throws NotUnderstoodException {
    List<Match> ports = new ArrayList<>();
    for (JsonNode port : peer.list(field)) {
      Protocol of =
          protocol
              .filter(WITH_PORTS::contains)
              .orElseThrow(() -> peer.problem(field, "ports need protocol TCP, UDP or SCTP"));
      ports.add(port(peer, field + "[" + ports.size() + "]", port, end, of));
    }
    return ports;
  }

  private static Match port(Fields peer, String where, JsonNode port, End end, Protocol protocol)
      throws NotUnderstoodException {
    String text = port.isTextual() || port.isIntegralNumber() ? port.asText() : "";
    if (text.matches("[0-9]{1,5}(:[0-9]{1,5})?")) {
      int colon = text.indexOf(':');
      int from = Integer.parseInt(colon < 0 ? text : text.substring(0, colon));
      int to = Integer.parseInt(text.substring(colon + 1));
      try {
        return new Match.Port(end, protocol, from, to);
      } catch (IllegalArgumentException e) {
        throw peer.problem(where, "" + e.getMessage());
      }
    }
    if (port.isTextual() && text.matches("[a-zA-Z0-9_.-]{1,128}")) {
      return new Match.NamedPort(end, protocol, text);
    }
    throw peer.problem(where, "expected a number, 'from:to' or a name, not " + port);
  }
}
