package io.portolan.policy.nft;

import io.portolan.linux.nft.CtField;
import io.portolan.linux.nft.CtState;
import io.portolan.linux.nft.FibField;
import io.portolan.linux.nft.MetaField;
import io.portolan.linux.nft.NftElement;
import io.portolan.linux.nft.NftInterval;
import io.portolan.linux.nft.NftKeyPart;
import io.portolan.linux.nft.NftRule;
import io.portolan.linux.nft.NftSelector;
import io.portolan.linux.nft.NftStatement;
import io.portolan.linux.nft.NftType;
import io.portolan.linux.nft.NftValue;
import io.portolan.linux.nft.NftVerdict;
import io.portolan.linux.nft.PayloadField;
import io.portolan.policy.model.Direction;
import io.portolan.policy.nft.TableImage.ChainImage;
import io.portolan.policy.nft.TableImage.SetImage;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What an image of the table does to a new connection, rule by rule as the kernel would: the same
 * statements that are programmed, not a second reading of the policies.
 *
 * <p>Ranges of a set are indexed when they are first looked into, so a walk is good for as long as
 * the table does not change. Not thread-safe.
 */
public final class FlowWalk {
  private final TableImage table;

  /** Ranges of the sets that were looked into, by their first value. */
  private final Map<String, NavigableMap<NftValue, NftElement>> ranges = new HashMap<>();

  public FlowWalk(TableImage table) {
    this.table = table;
  }

  /** A rule that was come by: a chain and the rule's place in it, from 0. */
  public record Step(String chain, int rule) {}

  /**
   * @param path the rules that led on, from the base chain, those that ended a tier, and the one
   *     that decided; empty if nothing applied to the connection
   */
  public record Decision(boolean allowed, List<Step> path) {
    public Decision {
      path = List.copyOf(path);
    }
  }

  /**
   * A connection's first packet with its addresses as the kernel compares them.
   *
   * @param header destination in the header where the packet is
   * @param link interface of a host endpoint; empty where none matters
   * @param tracked whether connection tracking knows of it
   */
  private record Packet(
      Flow flow,
      NftValue source,
      NftValue destination,
      NftValue header,
      String link,
      boolean tracked) {}

  /** Whether both ends let the connection pass. */
  public boolean allows(Flow flow) {
    return decide(Direction.EGRESS, flow).allowed() && decide(Direction.INGRESS, flow).allowed();
  }

  /** The answer of one end: the source's for egress, the destination's for ingress. */
  public Decision decide(Direction direction, Flow flow) {
    NftValue destination = Skeleton.value(flow.destination());
    return decide(
        "forward_" + direction.text(),
        new Packet(flow, Skeleton.value(flow.source()), destination, destination, "", true));
  }

  /** The answer of a pod to what it opens to its own node. */
  public Decision decideToOwnNode(Flow flow) {
    NftValue destination = Skeleton.value(flow.destination());
    return decide(
        Skeleton.TO_OWN_NODE,
        new Packet(flow, Skeleton.value(flow.source()), destination, destination, "", true));
  }

  /**
   * The answer of a host endpoint on one path.
   *
   * @param link interface that the packet comes in by or, on a path of egress, goes out by
   * @param tracked whether connection tracking knows of it; of no meaning before that
   */
  public Decision decide(HostPath path, String link, Flow flow, boolean tracked) {
    boolean translated = !flow.addressed().equals(flow.destination());
    boolean before = path.isRaw() || path == HostPath.PRE_DNAT;
    String chain =
        path == HostPath.OUTPUT && translated ? HostHooks.OUTPUT_TRANSLATED : path.chain();
    if (!table.chains().containsKey(chain)) {
      return new Decision(true, List.of());
    }
    return decide(
        chain,
        new Packet(
            flow,
            Skeleton.value(flow.source()),
            Skeleton.value(flow.destination()),
            Skeleton.value(before ? flow.addressed() : flow.destination()),
            link,
            tracked && !path.isRaw()));
  }

  /** Whether the packet was taken out of connection tracking where it was decided on. */
  public boolean untracks(Decision decision) {
    if (decision.path().isEmpty()) {
      return false;
    }
    Step last = decision.path().getLast();
    return Objects.requireNonNull(table.chains().get(last.chain()))
        .rules()
        .get(last.rule())
        .statements()
        .stream()
        .anyMatch(NftStatement.Notrack.class::isInstance);
  }

  private Decision decide(String chain, Packet packet) {
    List<Step> path = new ArrayList<>();
    boolean allowed = walk(chain, packet, path).orElse(true);
    return new Decision(allowed, path);
  }

  /**
   * Empty if the chain came to its end or returned.
   *
   * @param path as it was if the chain came to its end; else with the steps to the rule that
   *     returned, which ended a tier, or to the verdict
   */
  private Optional<Boolean> walk(String name, Packet packet, List<Step> path) {
    ChainImage chain = Objects.requireNonNull(table.chains().get(name), name);
    List<NftRule> rules = chain.rules();
    for (int i = 0; i < rules.size(); i++) {
      Optional<NftVerdict> verdict = run(rules.get(i), packet);
      if (verdict.isEmpty()) {
        continue;
      }
      path.add(new Step(name, i));
      int before = path.size();
      switch (verdict.get()) {
        case NftVerdict.Jump(String target) -> {
          Optional<Boolean> inner = walk(target, packet, path);
          if (inner.isPresent()) {
            return inner;
          }
          if (path.size() > before) {
            continue;
          }
        }
        case NftVerdict.Goto(String target) -> {
          Optional<Boolean> inner = walk(target, packet, path);
          if (inner.isEmpty() && path.size() == before) {
            path.removeLast();
          }
          return inner;
        }
        case NftVerdict.Terminal terminal -> {
          switch (terminal) {
            case ACCEPT -> {
              return Optional.of(true);
            }
            case DROP -> {
              return Optional.of(false);
            }
            case RETURN -> {
              return Optional.empty();
            }
            case CONTINUE -> {}
          }
        }
      }
      path.removeLast();
    }
    return Optional.empty();
  }

  /** Empty if a statement did not match or none gave a verdict. */
  private Optional<NftVerdict> run(NftRule rule, Packet packet) {
    for (NftStatement statement : rule.statements()) {
      if (statement instanceof NftStatement.Verdict(NftVerdict verdict)) {
        return Optional.of(verdict);
      }
      if (statement instanceof NftStatement.VerdictMap(List<NftSelector> key, String map)) {
        return element(map, key, packet).flatMap(NftElement::data).map(NftVerdict.class::cast);
      }
      boolean tests =
          !(statement instanceof NftStatement.Counter
              || statement instanceof NftStatement.CountInto
              || statement instanceof NftStatement.Limit
              || statement instanceof NftStatement.Log
              || statement instanceof NftStatement.Notrack);
      if (tests && !matches(statement, packet)) {
        return Optional.empty();
      }
    }
    return Optional.empty();
  }

  private boolean matches(NftStatement statement, Packet packet) {
    return switch (statement) {
      case NftStatement.Compare c ->
          value(c.selector(), packet).filter(v -> v.equals(c.value()) != c.negated()).isPresent();
      case NftStatement.InPrefix p ->
          value(p.selector(), packet)
              .filter(
                  v -> within(NftInterval.prefix(p.network(), p.prefixLength()), v) != p.negated())
              .isPresent();
      case NftStatement.InRange r ->
          value(r.selector(), packet).filter(v -> within(r.range(), v) != r.negated()).isPresent();
      case NftStatement.AnyBit b ->
          value(b.selector(), packet)
              .filter(v -> ((v.low() & b.bits().low()) != 0) != b.negated())
              .isPresent();
      case NftStatement.Lookup l ->
          values(l.key(), packet)
              .filter(key -> element(l.set(), key).isPresent() != l.negated())
              .isPresent();
      default ->
          throw new IllegalStateException("the policy table has no such statement: " + statement);
    };
  }

  private Optional<NftElement> element(String set, List<NftSelector> key, Packet packet) {
    return values(key, packet).flatMap(wanted -> element(set, wanted));
  }

  private Optional<NftElement> element(String set, List<NftKeyPart> wanted) {
    SetImage content = Objects.requireNonNull(table.sets().get(set), set);
    if (!content.set().isInterval()) {
      return Optional.ofNullable(content.elements().get(wanted));
    }
    // The kernel keeps the ranges of a set apart, so only the one that begins last before the
    // value can hold it.
    NftValue value = (NftValue) wanted.getFirst();
    return Optional.ofNullable(
            ranges.computeIfAbsent(set, _ -> byFirstValue(content)).floorEntry(value))
        .map(Map.Entry::getValue)
        .filter(element -> within(element.key().getFirst(), value));
  }

  private static NavigableMap<NftValue, NftElement> byFirstValue(SetImage content) {
    if (content.set().isConcatenation()) {
      throw new IllegalStateException(
          "the policy table has no ranges of several fields: " + content.set().name());
    }
    NavigableMap<NftValue, NftElement> sorted = new TreeMap<>();
    for (NftElement element : content.elements().values()) {
      sorted.put(element.key().getFirst().from(), element);
    }
    return sorted;
  }

  private static Optional<List<NftKeyPart>> values(List<NftSelector> key, Packet packet) {
    List<NftKeyPart> values = new ArrayList<>(key.size());
    for (NftSelector selector : key) {
      Optional<NftValue> value = value(selector, packet);
      if (value.isEmpty()) {
        return Optional.empty();
      }
      values.add(value.get());
    }
    return Optional.of(values);
  }

  /** Empty where the kernel would leave the rule, as for the IPv6 address of an IPv4 packet. */
  private static Optional<NftValue> value(NftSelector selector, Packet packet) {
    Flow flow = packet.flow();
    return switch (selector) {
      case CtField field ->
          packet.tracked()
              ? connection(field, packet)
              : Optional.of(NftValue.ctState(CtState.UNTRACKED))
                  .filter(_ -> field == CtField.STATE);
      case MetaField field ->
          switch (field) {
            case L4PROTO -> Optional.of(NftValue.protocol(flow.protocol()));
            case NFPROTO ->
                Optional.of(NftValue.number(NftType.NFPROTO, flow.source().isIpv4() ? 2 : 10));
            case IIFNAME, OIFNAME ->
                Optional.of(packet.link())
                    .filter(link -> !link.isEmpty())
                    .map(link -> NftValue.ifname(link));
            default -> throw unknown(selector);
          };
      case PayloadField field -> header(field, packet);
      case FibField field ->
          switch (field) {
            // Asked about what the node sends itself only.
            case SADDR_TYPE -> Optional.of(NftValue.number(NftType.FIB_ADDRTYPE, 2));
            default -> throw unknown(selector);
          };
    };
  }

  private static Optional<NftValue> connection(CtField field, Packet packet) {
    Flow flow = packet.flow();
    return switch (field) {
      case STATE -> Optional.of(NftValue.ctState(CtState.NEW));
      // A new connection carries no stamp.
      case MARK -> Optional.of(NftValue.mark(0));
      case DIRECTION -> Optional.of(NftValue.number(NftType.CT_DIR, 0));
      case STATUS ->
          Optional.of(
              NftValue.number(
                  NftType.CT_STATUS, flow.addressed().equals(flow.destination()) ? 0 : 0x20));
      case ORIGINAL_IP_SADDR, ORIGINAL_IP6_SADDR -> ofType(field, packet.source());
      case ORIGINAL_IP_DADDR, ORIGINAL_IP6_DADDR -> ofType(field, Skeleton.value(flow.addressed()));
      case REPLY_IP_SADDR, REPLY_IP6_SADDR -> ofType(field, packet.destination());
      // Of ICMP the reply's tuple begins with the identifier.
      case REPLY_PROTO_SRC -> Optional.of(NftValue.port(flow.isIcmp() ? 0 : flow.port()));
      case ORIGINAL_PROTO_SRC -> Optional.of(NftValue.port(flow.isIcmp() ? 0 : flow.sourcePort()));
      case ORIGINAL_PROTO_DST -> Optional.of(NftValue.port(flow.port()));
      default -> throw unknown(field);
    };
  }

  private static Optional<NftValue> header(PayloadField field, Packet packet) {
    Flow flow = packet.flow();
    boolean icmp = flow.isIcmp();
    boolean four = flow.source().isIpv4();
    return switch (field) {
      case IP_SADDR, IP6_SADDR -> ofType(field, packet.source());
      case IP_DADDR, IP6_DADDR -> ofType(field, packet.header());
      // That of most senders, less the hop to here.
      case IP6_HOPLIMIT -> four ? Optional.empty() : Optional.of(NftValue.number(field.type(), 63));
      case TH_SPORT -> Optional.of(NftValue.port(flow.sourcePort()));
      case TH_DPORT -> Optional.of(NftValue.port(flow.port()));
      case ICMP_TYPE, ICMPV6_TYPE ->
          icmp && four == (field == PayloadField.ICMP_TYPE)
              ? Optional.of(NftValue.number(field.type(), flow.port() >> 8))
              : Optional.empty();
      case ICMP_CODE, ICMPV6_CODE ->
          icmp && four == (field == PayloadField.ICMP_CODE)
              ? Optional.of(NftValue.number(field.type(), flow.port() & 0xff))
              : Optional.empty();
      default -> throw unknown(field);
    };
  }

  private static Optional<NftValue> ofType(NftSelector selector, NftValue value) {
    return value.type() == selector.type() ? Optional.of(value) : Optional.empty();
  }

  private static boolean within(NftKeyPart range, NftValue value) {
    return range.from().compareTo(value) <= 0 && value.compareTo(range.to()) <= 0;
  }

  private static IllegalStateException unknown(NftSelector selector) {
    return new IllegalStateException("the policy table does not look at " + selector.text());
  }
}
