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
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * What an image of the table does to a new connection, rule by rule as the kernel would: the same
 * statements that are programmed, not a second reading of the policies.
 */
public final class FlowWalk {
  private final TableImage table;

  public FlowWalk(TableImage table) {
    this.table = table;
  }

  /**
   * @param chain where the verdict fell; the base chain if nothing applied to the connection
   */
  public record Decision(boolean allowed, String chain) {}

  /** Whether both ends let the connection pass. */
  public boolean allows(Flow flow) {
    return decide(Direction.EGRESS, flow).allowed() && decide(Direction.INGRESS, flow).allowed();
  }

  /** The answer of one end: the source's for egress, the destination's for ingress. */
  public Decision decide(Direction direction, Flow flow) {
    String base = "forward_" + direction.text();
    return walk(base, flow).orElse(new Decision(true, base));
  }

  /** Empty if the chain came to its end or returned. */
  private Optional<Decision> walk(String name, Flow flow) {
    ChainImage chain = Objects.requireNonNull(table.chains().get(name), name);
    for (NftRule rule : chain.rules()) {
      Optional<NftVerdict> verdict = run(rule, flow);
      if (verdict.isEmpty()) {
        continue;
      }
      switch (verdict.get()) {
        case NftVerdict.Jump(String target) -> {
          Optional<Decision> inner = walk(target, flow);
          if (inner.isPresent()) {
            return inner;
          }
        }
        case NftVerdict.Goto(String target) -> {
          return walk(target, flow);
        }
        case NftVerdict.Terminal terminal -> {
          switch (terminal) {
            case ACCEPT -> {
              return Optional.of(new Decision(true, name));
            }
            case DROP -> {
              return Optional.of(new Decision(false, name));
            }
            case RETURN -> {
              return Optional.empty();
            }
            case CONTINUE -> {}
          }
        }
      }
    }
    return Optional.empty();
  }

  /** Empty if a statement did not match or none gave a verdict. */
  private Optional<NftVerdict> run(NftRule rule, Flow flow) {
    for (NftStatement statement : rule.statements()) {
      if (statement instanceof NftStatement.Verdict(NftVerdict verdict)) {
        return Optional.of(verdict);
      }
      if (statement instanceof NftStatement.VerdictMap(List<NftSelector> key, String map)) {
        return element(map, key, flow).flatMap(NftElement::data).map(NftVerdict.class::cast);
      }
      boolean tests =
          !(statement instanceof NftStatement.Counter || statement instanceof NftStatement.Log);
      if (tests && !matches(statement, flow)) {
        return Optional.empty();
      }
    }
    return Optional.empty();
  }

  private boolean matches(NftStatement statement, Flow flow) {
    return switch (statement) {
      case NftStatement.Compare c ->
          value(c.selector(), flow).filter(v -> v.equals(c.value()) != c.negated()).isPresent();
      case NftStatement.InPrefix p ->
          value(p.selector(), flow)
              .filter(
                  v -> within(NftInterval.prefix(p.network(), p.prefixLength()), v) != p.negated())
              .isPresent();
      case NftStatement.InRange r ->
          value(r.selector(), flow).filter(v -> within(r.range(), v) != r.negated()).isPresent();
      case NftStatement.AnyBit b ->
          value(b.selector(), flow)
              .filter(v -> ((v.low() & b.bits().low()) != 0) != b.negated())
              .isPresent();
      case NftStatement.Lookup l ->
          values(l.key(), flow).isPresent()
              && element(l.set(), l.key(), flow).isPresent() != l.negated();
      default ->
          throw new IllegalStateException("the policy table has no such statement: " + statement);
    };
  }

  private Optional<NftElement> element(String set, List<NftSelector> key, Flow flow) {
    SetImage content = Objects.requireNonNull(table.sets().get(set), set);
    Optional<List<NftKeyPart>> wanted = values(key, flow);
    if (wanted.isEmpty() || !content.set().isInterval()) {
      return wanted.map(content.elements()::get);
    }
    return content.elements().values().stream()
        .filter(element -> within(element.key().getFirst(), (NftValue) wanted.get().getFirst()))
        .findFirst();
  }

  private static Optional<List<NftKeyPart>> values(List<NftSelector> key, Flow flow) {
    List<NftKeyPart> values = new ArrayList<>();
    for (NftSelector selector : key) {
      Optional<NftValue> value = value(selector, flow);
      if (value.isEmpty()) {
        return Optional.empty();
      }
      values.add(value.get());
    }
    return Optional.of(values);
  }

  /** Empty where the kernel would leave the rule, as for the IPv6 address of an IPv4 packet. */
  private static Optional<NftValue> value(NftSelector selector, Flow flow) {
    NftValue source = Skeleton.value(flow.source());
    NftValue destination = Skeleton.value(flow.destination());
    return switch (selector) {
      case CtField field ->
          switch (field) {
            case STATE -> Optional.of(NftValue.ctState(CtState.NEW));
            // A new connection carries no stamp.
            case MARK -> Optional.of(NftValue.mark(0));
            case ORIGINAL_IP_SADDR, ORIGINAL_IP6_SADDR -> ofType(field, source);
            case REPLY_IP_SADDR, REPLY_IP6_SADDR -> ofType(field, destination);
            // Of ICMP the reply's tuple begins with the identifier.
            case REPLY_PROTO_SRC -> Optional.of(NftValue.port(flow.isIcmp() ? 0 : flow.port()));
            case ORIGINAL_PROTO_SRC ->
                Optional.of(NftValue.port(flow.isIcmp() ? 0 : flow.sourcePort()));
            case ORIGINAL_PROTO_DST -> Optional.of(NftValue.port(flow.port()));
            default -> throw unknown(selector);
          };
      case MetaField field ->
          switch (field) {
            case L4PROTO -> Optional.of(NftValue.protocol(flow.protocol()));
            case NFPROTO ->
                Optional.of(NftValue.number(NftType.NFPROTO, flow.source().isIpv4() ? 2 : 10));
            default -> throw unknown(selector);
          };
      case PayloadField field ->
          switch (field) {
            case IP_SADDR, IP6_SADDR -> ofType(field, source);
            case IP_DADDR, IP6_DADDR -> ofType(field, destination);
            default -> throw unknown(selector);
          };
      case FibField _ -> throw unknown(selector);
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
