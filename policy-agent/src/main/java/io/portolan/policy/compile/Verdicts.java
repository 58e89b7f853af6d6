package io.portolan.policy.compile;

import io.portolan.linux.nft.CtField;
import io.portolan.linux.nft.CtState;
import io.portolan.linux.nft.NftChain;
import io.portolan.linux.nft.NftRule;
import io.portolan.linux.nft.NftStatement;
import io.portolan.linux.nft.NftType;
import io.portolan.linux.nft.NftValue;
import io.portolan.linux.nft.NftVerdict;
import io.portolan.policy.compile.Reported.Packets;
import io.portolan.policy.model.Action;
import io.portolan.policy.model.Direction;
import io.portolan.policy.model.PolicyId;
import io.portolan.policy.nft.TableImage.ChainImage;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SequencedMap;

/**
 * What rules do, as statements, with the counters and records that go with it.
 *
 * <p>A packet that is denied goes to a chain of its own if it may be recorded, because a statement
 * that limits ends its rule: the drop must not depend on it. A packet that passes meets no more
 * than a counter.
 */
final class Verdicts {
  /** What anybody may read where we make no records: Calico's group for ingress. */
  private static final int FOREIGN_GROUP = 1;

  private final Reporting reporting;
  private final String chain;
  private final boolean passes;
  private final boolean tracked;
  private final SequencedMap<String, Counted> counters = new LinkedHashMap<>();
  private final SequencedMap<String, Reported> prefixes = new LinkedHashMap<>();
  private final SequencedMap<String, Denial> denials = new LinkedHashMap<>();

  /**
   * @param chain that chains of their own are named after
   * @param passes whether the rules are where returning ends the tier
   * @param tracked whether connection tracking has seen the packets
   */
  Verdicts(Reporting reporting, String chain, boolean passes, boolean tracked) {
    this.tracked = tracked;
    this.reporting = reporting;
    this.chain = chain;
    this.passes = passes;
  }

  /** A chain that records and drops, with the origin of each of its rules. */
  record Denial(ChainImage image, List<RuleOrigin> origins) {}

  /** Of a policy's rule. */
  List<NftStatement> of(Action action, RuleOrigin.OfRule origin) {
    PolicyId policy = origin.policy();
    Direction direction = origin.direction();
    String reason = policy + " " + direction.text() + "[" + origin.rule() + "]";
    return switch (action) {
      case ALLOW ->
          reporting.counts()
              ? List.of(
                  count(new Counted(Optional.of(policy), origin.tier(), direction, true)),
                  NftStatement.accept())
              : List.of(NftStatement.accept());
      case DENY -> {
        NftStatement count =
            count(new Counted(Optional.of(policy), origin.tier(), direction, false));
        if (!reporting.records()) {
          yield List.of(count, NftStatement.drop());
        }
        String to = chain + "/deny/" + origin.rule();
        List<NftRule> rules = denials(reason, direction, origin, List.of(policy));
        rules.add(NftRule.of(count, NftStatement.drop()));
        denials.put(
            to,
            new Denial(
                new ChainImage(NftChain.regular(to), rules),
                Collections.nCopies(rules.size(), origin)));
        yield List.of(NftStatement.verdict(NftVerdict.goTo(to)));
      }
      // Elsewhere the policy is on its way out; it must not open anything.
      case PASS -> List.of(passes ? NftStatement.verdict(NftVerdict.RETURN) : NftStatement.drop());
      case LOG ->
          record(
              "logged " + reason,
              new Reported(
                  Reported.Verdict.LOGGED,
                  tracked ? Packets.OPENING : Packets.SINGLE,
                  direction,
                  origin,
                  List.of(policy)));
    };
  }

  /**
   * The end of a tier that denies what no rule decided on. It is met by nothing that passes.
   *
   * @param asked the policies that did not decide
   */
  List<NftRule> ofTierEnd(RuleOrigin.OfTierEnd tier, Direction direction, List<PolicyId> asked) {
    List<NftRule> rules =
        reporting.records() ? denials(chain, direction, tier, asked) : new ArrayList<>();
    Counted counted = new Counted(Optional.empty(), tier.tier(), direction, false);
    rules.add(NftRule.of(count(counted), NftStatement.drop()));
    return rules;
  }

  /** The end of a host endpoint that no tier decided on and whose profiles deny. */
  List<NftRule> ofProfiles(Direction direction) {
    List<NftRule> rules =
        reporting.records()
            ? denials(chain, direction, new RuleOrigin.OfProfiles(), List.of())
            : new ArrayList<>();
    rules.add(NftRule.of(NftStatement.counter(), NftStatement.drop()));
    return rules;
  }

  private NftStatement count(Counted counted) {
    if (!reporting.counts()) {
      return NftStatement.counter();
    }
    String name = Naming.counter(counted);
    counters.put(name, counted);
    return new NftStatement.CountInto(name);
  }

  /**
   * Records of what is about to be dropped, one rule for each kind of packets: a rule that limits
   * ends there when the limit is reached, and what it does not record another one must not.
   */
  private List<NftRule> denials(
      String reason, Direction direction, RuleOrigin origin, List<PolicyId> policies) {
    List<NftRule> rules = new ArrayList<>();
    for (Packets packets : tracked ? Packets.TRACKED : List.of(Packets.SINGLE)) {
      Reported reported =
          new Reported(Reported.Verdict.DENIED, packets, direction, origin, policies);
      rules.add(new NftRule(record(packets.denied(reason), reported), Optional.empty()));
    }
    return rules;
  }

  /** Some packets of each second. */
  private List<NftStatement> record(String reason, Reported reported) {
    String prefix = Naming.logPrefix(reason);
    if (reporting.records()) {
      prefixes.put(prefix, reported);
    }
    List<NftStatement> statements = new ArrayList<>(of(reported.packets()));
    statements.add(limit());
    statements.add(log(reporting.records() ? Reporting.GROUP : FOREIGN_GROUP, prefix));
    return statements;
  }

  /** The test for such packets. */
  static List<NftStatement> of(Packets packets) {
    return switch (packets) {
      case OPENING -> List.of(NftStatement.ctState(CtState.NEW));
      case LATER -> List.of(known(), NftStatement.equal(CtField.DIRECTION, direction(0)));
      case REPLIES -> List.of(known(), NftStatement.equal(CtField.DIRECTION, direction(1)));
      case SINGLE -> List.of();
    };
  }

  private static NftStatement known() {
    return NftStatement.ctState(CtState.ESTABLISHED, CtState.RELATED);
  }

  /** 0 as the connection was opened, 1 back. */
  private static NftValue direction(int number) {
    return NftValue.number(NftType.CT_DIR, number);
  }

  static NftStatement log(int group, String prefix) {
    return new NftStatement.Log(
        group, prefix, OptionalInt.of(Reporting.SNAP_LENGTH), OptionalInt.empty());
  }

  static NftStatement limit() {
    return new NftStatement.Limit(
        Reporting.PER_SECOND, NftStatement.Limit.Unit.SECOND, Reporting.BURST, false);
  }

  /** What the rules made so far count into, by name. */
  SequencedMap<String, Counted> counters() {
    return counters;
  }

  /** The prefixes of their records. */
  SequencedMap<String, Reported> prefixes() {
    return prefixes;
  }

  /** The chains that they go to, by name. */
  SequencedMap<String, Denial> denials() {
    return denials;
  }
}
