package io.portolan.linux.nft.kernel;

import io.portolan.linux.nft.CtField;
import io.portolan.linux.nft.FibField;
import io.portolan.linux.nft.MetaField;
import io.portolan.linux.nft.NftFamily;
import io.portolan.linux.nft.NftInterval;
import io.portolan.linux.nft.NftSelector;
import io.portolan.linux.nft.NftStatement;
import io.portolan.linux.nft.NftType;
import io.portolan.linux.nft.NftValue;
import io.portolan.linux.nft.PayloadField;
import io.portolan.linux.nft.kernel.NftExpression.Compare;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Turns kernel expressions back into statements: the inverse of {@link RuleLowering}.
 *
 * <p>A check of the network or transport protocol that a later field of the rule needs is taken for
 * the one lowering inserts; so a rule that says {@code meta l4proto tcp tcp dport 80} comes back as
 * {@code tcp dport 80}, which is also how nft lists it. Whatever lowering would not have written
 * makes the whole rule one {@link NftStatement.Foreign}.
 */
final class RuleRaising {
  private final PacketContext context;
  private final List<NftExpression> expressions;
  private final List<Step> steps = new ArrayList<>();
  private final List<Load> loads = new ArrayList<>();
  private Optional<NftExpression.Bitwise> bitwise = Optional.empty();
  private int at;

  /** A statement, or a check that may turn out to be an inserted one. */
  private static final class Step {
    final NftStatement statement;
    boolean inserted;

    Step(NftStatement statement) {
      this.statement = statement;
    }
  }

  private record Load(NftSelector selector, int register, int length) {}

  private RuleRaising(NftFamily family, List<NftExpression> expressions) {
    this.context = new PacketContext(family);
    this.expressions = expressions;
  }

  static List<NftStatement> raise(NftFamily family, List<NftExpression> expressions) {
    if (expressions.isEmpty()) {
      return List.of(new NftStatement.Foreign("no expressions"));
    }
    try {
      return new RuleRaising(family, expressions).raise();
    } catch (ForeignRule | IllegalArgumentException | IndexOutOfBoundsException e) {
      return List.of(new NftStatement.Foreign(expressions.toString()));
    }
  }

  private List<NftStatement> raise() {
    while (at < expressions.size()) {
      NftExpression expression = expressions.get(at);
      step(expression);
      at++;
    }
    if (!loads.isEmpty() || bitwise.isPresent()) {
      throw new ForeignRule(expressions.getLast());
    }
    return steps.stream().filter(step -> !step.inserted).map(step -> step.statement).toList();
  }

  private void step(NftExpression expression) {
    switch (expression) {
      case NftExpression.Payload e -> loads.add(payload(e));
      case NftExpression.Meta e when e.key() == NftChecks.IIFTYPE -> etherCheck();
      case NftExpression.Meta e ->
          load(
              e,
              e.register(),
              Arrays.stream(MetaField.values()).filter(f -> f.number() == e.key()));
      case NftExpression.Ct e ->
          load(
              e,
              e.register(),
              Arrays.stream(CtField.values())
                  .filter(f -> f.number() == e.key() && f.direction().orElse(-1) == e.direction()));
      case NftExpression.Fib e ->
          load(
              e,
              e.register(),
              Arrays.stream(FibField.values())
                  .filter(f -> f.result() == e.result() && f.flags() == e.flags()));
      case NftExpression.Bitwise e -> {
        if (loads.size() != 1 || bitwise.isPresent() || e.source() != e.destination()) {
          throw new ForeignRule(e);
        }
        bitwise = Optional.of(e);
      }
      case Compare e -> compare(e);
      case NftExpression.Range e -> {
        NftSelector selector = single(e);
        add(
            new NftStatement.InRange(
                selector,
                new NftInterval(
                    RaisedStatements.value(selector, e.from()),
                    RaisedStatements.value(selector, e.to())),
                true));
      }
      case NftExpression.ByteOrderChange e when e.length() == 1 -> {}
      case NftExpression.Lookup e -> lookup(e);
      case NftExpression.Immediate _ -> immediate();
      case NftExpression.ImmediateVerdict e -> add(new NftStatement.Verdict(e.verdict()));
      case NftExpression.Counter e -> add(new NftStatement.Counter(e.packets(), e.bytes()));
      case NftExpression.ObjectReference e when e.type() == NftExpression.ObjectReference.COUNTER ->
          add(new NftStatement.CountInto(e.name()));
      case NftExpression.Log e ->
          add(
              new NftStatement.Log(
                  e.group(),
                  e.prefix(),
                  RaisedStatements.unlessZero(e.snapLength()),
                  RaisedStatements.unlessZero(e.queueThreshold())));
      case NftExpression.Limit e ->
          add(
              new NftStatement.Limit(
                  e.rate(),
                  RaisedStatements.pick(
                      e,
                      Arrays.stream(NftStatement.Limit.Unit.values())
                          .filter(unit -> unit.seconds() == e.unitSeconds())),
                  e.burst(),
                  (e.flags() & NftExpression.Limit.OVER) != 0));
      case NftExpression.Reject e ->
          add(
              new NftStatement.Reject(
                  RaisedStatements.pick(
                      e,
                      Arrays.stream(NftStatement.Reject.With.values())
                          .filter(with -> with.type() == e.type() && with.code() == e.code()))));
      case NftExpression.Queue e -> add(new NftStatement.Queue(e.number(), e.bypass()));
      case NftExpression.Notrack _ -> add(new NftStatement.Notrack());
      case NftExpression.Masquerade e ->
          add(new NftStatement.Masquerade(RaisedStatements.ports(e, e.flags())));
      case NftExpression.MetaSet e when e.key() == MetaField.MARK.number() ->
          store(e, NftStatement.Mark.META);
      case NftExpression.CtSet e when e.key() == CtField.MARK.number() ->
          store(e, NftStatement.Mark.CT);
      case NftExpression.ObjectReference _,
          NftExpression.MetaSet _,
          NftExpression.PayloadSet _,
          NftExpression.CtSet _,
          NftExpression.Nat _,
          NftExpression.ByteOrderChange _,
          NftExpression.Unknown _ ->
          throw new ForeignRule(expression);
    }
  }

  private void add(NftStatement statement) {
    if (!loads.isEmpty() || bitwise.isPresent()) {
      throw new ForeignRule(expressions.get(at));
    }
    steps.add(new Step(statement));
  }

  private <S extends Enum<S> & NftSelector> void load(
      NftExpression expression, int register, Stream<S> candidates) {
    NftSelector selector = RaisedStatements.pick(expression, candidates);
    loads.add(new Load(selector, register, selector.type().length()));
  }

  /** A header field is told by its place and by what the rule has checked before. */
  private Load payload(NftExpression.Payload e) {
    PayloadField field =
        RaisedStatements.pick(
            e,
            Arrays.stream(PayloadField.values())
                .filter(f ->
                    f.header().number() == e.base()
                        && f.offset() == e.offset()
                        && fits(f, e.length())));
    usesCheck(field.protocol());
    return new Load(field, e.register(), e.length());
  }

  private boolean fits(PayloadField field, int length) {
    // nft loads only the first bytes of an address for a prefix at a byte's edge.
    boolean address = field.type() == NftType.IPV4_ADDR || field.type() == NftType.IPV6_ADDR;
    boolean sized = length == field.type().length() || (address && length < field.type().length());
    if (!sized) {
      return false;
    }
    return switch (field.protocol()) {
      case ANY -> true;
      case ETHER -> true;
      case IP -> context.network().equals(Optional.of(PacketContext.Layer3.IPV4));
      case IP6 -> context.network().equals(Optional.of(PacketContext.Layer3.IPV6));
      case ICMP, ICMPV6, TCP, UDP, SCTP ->
          context.transport() == PacketContext.transportOf(field.protocol());
    };
  }

  /** Marks the checks that a field of this protocol makes redundant in text. */
  private void usesCheck(PayloadField.Protocol protocol) {
    int transport = PacketContext.transportOf(protocol);
    boolean network =
        switch (protocol) {
          case IP, IP6, ICMP, ICMPV6 -> true;
          case ANY, ETHER, TCP, UDP, SCTP -> false;
        };
    for (Step step : steps) {
      if (step.statement instanceof NftStatement.Compare check && check.mask().isEmpty()) {
        boolean ofNetwork =
            check.selector() == MetaField.NFPROTO || check.selector() == MetaField.PROTOCOL;
        boolean ofTransport =
            check.selector() == MetaField.L4PROTO && check.value().low() == transport;
        step.inserted |= !check.negated() && ((network && ofNetwork) || ofTransport);
      }
    }
  }

  private void etherCheck() {
    at++;
    if (!(expressions.get(at) instanceof Compare check)
        || !check.data().equals(NftChecks.ETHERNET)) {
      throw new ForeignRule(expressions.get(at - 1));
    }
    context.establishEthernet();
  }

  private void compare(Compare e) {
    if (e.operator() == Compare.GTE
        && at + 1 < expressions.size()
        && expressions.get(at + 1) instanceof Compare upper
        && upper.operator() == Compare.LTE) {
      NftSelector selector = single(e);
      at++;
      add(
          new NftStatement.InRange(
              selector,
              new NftInterval(
                  RaisedStatements.value(selector, e.data()),
                  RaisedStatements.value(selector, upper.data())),
              false));
      return;
    }
    if (e.operator() != Compare.EQ && e.operator() != Compare.NEQ) {
      throw new ForeignRule(e);
    }
    boolean negated = e.operator() == Compare.NEQ;
    if (bitwise.isPresent()) {
      NftExpression.Bitwise mask = bitwise.get();
      bitwise = Optional.empty();
      add(RaisedStatements.masked(single(e), mask, e.data(), negated));
      return;
    }
    int loaded = loads.isEmpty() ? 0 : loads.getFirst().length();
    NftSelector selector = single(e);
    if (selector.type() == NftType.IFNAME && e.data().length() < NftType.IFNAME.length()) {
      String prefix = new String(e.data().array(), StandardCharsets.UTF_8);
      add(new NftStatement.NameStartsWith((MetaField) selector, prefix, negated));
      return;
    }
    if (loaded < selector.type().length()) {
      byte[] padded = Arrays.copyOf(e.data().array(), selector.type().length());
      NftValue network = NftValue.read(selector.type(), padded, 0);
      add(new NftStatement.InPrefix(selector, network, loaded * 8, negated));
      return;
    }
    NftValue value = RaisedStatements.value(selector, e.data());
    add(new NftStatement.Compare(selector, Optional.empty(), value, negated));
    if (!negated) {
      RuleLowering.established(context, selector, value);
    }
  }

  private void lookup(NftExpression.Lookup e) {
    List<NftSelector> key = key(e);
    switch (e.destination()) {
      case NftExpression.Lookup.NONE -> add(new NftStatement.Lookup(key, e.set(), e.inverted()));
      case NftExpression.REG_VERDICT -> add(new NftStatement.VerdictMap(key, e.set()));
      default -> {
        at++;
        NftStatement.Mark target =
            switch (expressions.get(at)) {
              case NftExpression.MetaSet s when s.key() == MetaField.MARK.number() ->
                  NftStatement.Mark.META;
              case NftExpression.CtSet s when s.key() == CtField.MARK.number() ->
                  NftStatement.Mark.CT;
              default -> throw new ForeignRule(e);
            };
        add(new NftStatement.SetMarkFromMap(target, key, e.set()));
      }
    }
  }

  private List<NftSelector> key(NftExpression.Lookup e) {
    int offset = 0;
    List<NftSelector> key = new ArrayList<>();
    for (Load load : loads) {
      if (load.register() != NftExpression.register(offset)
          || load.length() != load.selector().type().length()) {
        throw new ForeignRule(e);
      }
      key.add(load.selector());
      offset += load.selector().type().paddedLength();
    }
    loads.clear();
    return key;
  }

  private void immediate() {
    List<NftExpression.Immediate> values = new ArrayList<>();
    while (expressions.get(at) instanceof NftExpression.Immediate value) {
      values.add(value);
      at++;
    }
    switch (expressions.get(at)) {
      case NftExpression.MetaSet s when s.key() == MetaField.MARK.number() ->
          add(RaisedStatements.wholeMark(NftStatement.Mark.META, values));
      case NftExpression.CtSet s when s.key() == CtField.MARK.number() ->
          add(RaisedStatements.wholeMark(NftStatement.Mark.CT, values));
      case NftExpression.MetaSet s when s.key() == MetaField.PKTTYPE.number() ->
          add(RaisedStatements.setField(MetaField.PKTTYPE, values));
      case NftExpression.PayloadSet s
          when s.base() == PayloadField.ETHER_DADDR.header().number()
              && s.offset() == PayloadField.ETHER_DADDR.offset() ->
          add(RaisedStatements.setField(PayloadField.ETHER_DADDR, values));
      case NftExpression.Nat nat -> add(RaisedStatements.nat(nat, values));
      default -> throw new ForeignRule(expressions.get(at));
    }
  }

  private void store(NftExpression e, NftStatement.Mark target) {
    Optional<NftExpression.Bitwise> masks = bitwise;
    bitwise = Optional.empty();
    NftSelector source = single(e);
    if (masks.isEmpty()) {
      NftStatement.Mark from =
          source == MetaField.MARK ? NftStatement.Mark.META : NftStatement.Mark.CT;
      if (source != from.selector()) {
        throw new ForeignRule(e);
      }
      add(new NftStatement.CopyMark(target, from));
      return;
    }
    if (source != target.selector()) {
      throw new ForeignRule(e);
    }
    int keep = (int) RaisedStatements.value(source, masks.get().mask()).low();
    int xor = (int) RaisedStatements.value(source, masks.get().xor()).low();
    add(new NftStatement.SetMark(target, ~keep, xor));
  }

  /** The one field that is loaded; it is used up. */
  private NftSelector single(NftExpression user) {
    if (loads.size() != 1 || loads.getFirst().register() != NftExpression.REG_1) {
      throw new ForeignRule(user);
    }
    return loads.removeFirst().selector();
  }
}
