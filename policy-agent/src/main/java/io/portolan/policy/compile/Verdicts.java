package io.portolan.policy.compile;

import io.portolan.linux.nft.CtState;
import io.portolan.linux.nft.NftChain;
import io.portolan.linux.nft.NftRule;
import io.portolan.linux.nft.NftStatement;
import io.portolan.linux.nft.NftVerdict;
import io.portolan.policy.model.Action;
import io.portolan.policy.model.Direction;
import io.portolan.policy.model.PolicyId;
import io.portolan.policy.nft.TableImage.ChainImage;
import java.util.ArrayList;
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
  private final SequencedMap<String, Counted> counters = new LinkedHashMap<>();
  private final SequencedMap<String, Reported> prefixes = new LinkedHashMap<>();
  private final SequencedMap<String, Denial> denials = new LinkedHashMap<>();

  /**
   * @param chain that chains of their own are named after
   * @param passes whether the rules are where returning ends the tier
   */
  Verdicts(Reporting reporting, String chain, boolean passes) {
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
        Reported denied = new Reported(Reported.Verdict.DENIED, direction, origin, List.of(policy));
        String to = chain + "/deny/" + origin.rule();
        List<NftRule> rules =
            List.of(
                new NftRule(record(reason, denied), Optional.empty()),
                NftRule.of(count, NftStatement.drop()));
        denials.put(
            to, new Denial(new ChainImage(NftChain.regular(to), rules), List.of(origin, origin)));
        yield List.of(NftStatement.verdict(NftVerdict.goTo(to)));
      }
      // Elsewhere the policy is on its way out; it must not open anything.
      case PASS -> List.of(passes ? NftStatement.verdict(NftVerdict.RETURN) : NftStatement.drop());
      case LOG ->
          record(reason, new Reported(Reported.Verdict.LOGGED, direction, origin, List.of(policy)));
    };
  }

  /**
   * The end of a tier that denies what no rule decided on. It is met by nothing that passes.
   *
   * @param asked the policies that did not decide
   */
  List<NftRule> ofTierEnd(RuleOrigin.OfTierEnd tier, Direction direction, List<PolicyId> asked) {
    List<NftRule> rules = new ArrayList<>();
    if (reporting.records()) {
      Reported denied = new Reported(Reported.Verdict.DENIED, direction, tier, asked);
      rules.add(new NftRule(record(chain, denied), Optional.empty()));
    }
    Counted counted = new Counted(Optional.empty(), tier.tier(), direction, false);
    rules.add(NftRule.of(count(counted), NftStatement.drop()));
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

  /** Of new connections, some of each second. */
  private List<NftStatement> record(String reason, Reported reported) {
    boolean denied = reported.verdict() == Reported.Verdict.DENIED;
    String prefix = Naming.logPrefix((denied ? "denied " : "logged ") + reason);
    if (reporting.records()) {
      prefixes.put(prefix, reported);
    }
    return List.of(
        NftStatement.ctState(CtState.NEW),
        limit(),
        new NftStatement.Log(
            reporting.records() ? Reporting.GROUP : FOREIGN_GROUP,
            prefix,
            OptionalInt.of(Reporting.SNAP_LENGTH),
            OptionalInt.empty()));
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
