package io.portolan.linux.route;

import java.net.InetAddress;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A routing policy rule. The kernel walks rules from the lowest priority number up; the first whose
 * table has a route decides.
 *
 * @param family of the packets it looks at
 * @param priority 0 to 2^32-1 as unsigned; several rules may share one
 * @param action what to do
 * @param table for {@link RuleAction#LOOKUP}, 0 otherwise
 * @param from source prefix; all if empty
 * @param to destination prefix; all if empty
 * @param mark bits of the packet's mark; not looked at if empty
 * @param inputLink name of the link it came in by
 * @param outputLink name of the link its socket is bound to
 * @param protocol 0 to 255, who installed it; {@link RouteProtocol}
 * @param inverted apply to what does <em>not</em> match
 */
public record Rule(
    AddressFamily family,
    int priority,
    RuleAction action,
    int table,
    Optional<IpPrefix> from,
    Optional<IpPrefix> to,
    Optional<Mark> mark,
    Optional<String> inputLink,
    Optional<String> outputLink,
    int protocol,
    boolean inverted)
    implements NetworkObject {

  public Rule {
    from = from.filter(p -> p.length() > 0);
    to = to.filter(p -> p.length() > 0);
    requireFamily(family, "from", from);
    requireFamily(family, "to", to);
    if (protocol < 0 || protocol > 255) {
      throw new IllegalArgumentException("protocol " + protocol + ": a rule protocol is 0 to 255");
    }
    if (action == RuleAction.LOOKUP && table == 0) {
      throw new IllegalArgumentException(
          "table 0 is no table; the main table is " + RouteTable.MAIN);
    }
  }

  private static void requireFamily(AddressFamily family, String field, Optional<IpPrefix> prefix) {
    if (prefix.isPresent() && prefix.get().family() != family) {
      throw new IllegalArgumentException(
          field + " " + prefix.get() + " is not of family " + family);
    }
    if (prefix.isPresent() && prefix.get().hasHostBits()) {
      throw new IllegalArgumentException(
          field + " " + prefix.get() + " has host bits set; write " + prefix.get().network());
    }
  }

  /** A rule that sends all packets of a family to {@code table}. */
  public static Rule lookup(AddressFamily family, int priority, int table) {
    return new Rule(
        family,
        priority,
        RuleAction.LOOKUP,
        table,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        RouteProtocol.UNSPECIFIED,
        false);
  }

  public Rule withFrom(IpPrefix value) {
    return with(draft -> draft.from = Optional.of(value));
  }

  public Rule withFrom(InetAddress value) {
    return withFrom(IpPrefix.of(value));
  }

  public Rule withTo(IpPrefix value) {
    return with(draft -> draft.to = Optional.of(value));
  }

  public Rule withTo(InetAddress value) {
    return withTo(IpPrefix.of(value));
  }

  public Rule withMark(Mark value) {
    return with(draft -> draft.mark = Optional.of(value));
  }

  public Rule withInputLink(String value) {
    return with(draft -> draft.inputLink = Optional.of(value));
  }

  public Rule withOutputLink(String value) {
    return with(draft -> draft.outputLink = Optional.of(value));
  }

  public Rule withProtocol(int value) {
    return with(draft -> draft.protocol = value);
  }

  public Rule withInverted() {
    return with(draft -> draft.inverted = true);
  }

  /** Close to the words of ip-rule(8). */
  @Override
  public String toString() {
    StringBuilder text =
        new StringBuilder("rule ").append(Integer.toUnsignedString(priority)).append(':');
    if (inverted) {
      text.append(" not");
    }
    text.append(" from ").append(from.map(IpPrefix::toString).orElse("all"));
    to.ifPresent(p -> text.append(" to ").append(p));
    mark.ifPresent(m -> text.append(" fwmark ").append(m));
    inputLink.ifPresent(l -> text.append(" iif ").append(l));
    outputLink.ifPresent(l -> text.append(" oif ").append(l));
    text.append(' ').append(action.name().toLowerCase(Locale.ROOT));
    if (table != 0) {
      text.append(' ').append(Integer.toUnsignedString(table));
    }
    if (protocol != 0) {
      text.append(" proto ").append(protocol);
    }
    return text.append(" family ").append(family.name().toLowerCase(Locale.ROOT)).toString();
  }

  private Rule with(Consumer<Draft> change) {
    Draft draft = new Draft(this);
    change.accept(draft);
    return draft.build();
  }

  /** All parts in fields, so that a change names the one it changes. */
  private static final class Draft {
    AddressFamily family;
    int priority;
    RuleAction action;
    int table;
    Optional<IpPrefix> from;
    Optional<IpPrefix> to;
    Optional<Mark> mark;
    Optional<String> inputLink;
    Optional<String> outputLink;
    int protocol;
    boolean inverted;

    Draft(Rule original) {
      family = original.family;
      priority = original.priority;
      action = original.action;
      table = original.table;
      from = original.from;
      to = original.to;
      mark = original.mark;
      inputLink = original.inputLink;
      outputLink = original.outputLink;
      protocol = original.protocol;
      inverted = original.inverted;
    }

    Rule build() {
      return new Rule(
          family,
          priority,
          action,
          table,
          from,
          to,
          mark,
          inputLink,
          outputLink,
          protocol,
          inverted);
    }
  }
}
