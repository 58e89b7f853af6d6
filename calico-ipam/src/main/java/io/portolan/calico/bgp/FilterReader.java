package io.portolan.calico.bgp;

import io.portolan.calico.bgp.BgpFilter.Operation;
import io.portolan.calico.bgp.BgpFilter.PrefixMatch;
import io.portolan.calico.bgp.BgpFilter.Rule;
import io.portolan.common.net.Cidr;
import io.portolan.common.net.IpFamily;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** The spec of a BGPFilter. */
final class FilterReader {
  private static final int MAX_PRIORITY = 2147483646;

  private FilterReader() {}

  static BgpFilter read(String name, Spec spec) {
    return new BgpFilter(
        name,
        Map.of(
            IpFamily.IPV4, rules(spec, "exportV4", IpFamily.IPV4),
            IpFamily.IPV6, rules(spec, "exportV6", IpFamily.IPV6)),
        Map.of(
            IpFamily.IPV4, rules(spec, "importV4", IpFamily.IPV4),
            IpFamily.IPV6, rules(spec, "importV6", IpFamily.IPV6)));
  }

  private static List<Rule> rules(Spec spec, String field, IpFamily family) {
    return spec.list(field).stream().map(rule -> rule(rule, family)).toList();
  }

  private static Rule rule(Spec rule, IpFamily family) {
    boolean accept =
        switch (rule.text("action").orElse("")) {
          case "Accept" -> true;
          case "Reject" -> false;
          default -> throw rule.at("action").wrong("must be Accept or Reject");
        };
    List<Operation> operations = new ArrayList<>();
    for (Spec each : rule.list("operations")) {
      operations.add(operation(each));
    }
    if (!accept && !operations.isEmpty()) {
      throw rule.at("operations").wrong("a rejected route cannot be changed");
    }
    return new Rule(
        prefix(rule, family),
        rule.text("source")
            .map(s -> {
              if (!s.equals("RemotePeers")) {
                throw rule.at("source").wrong("must be RemotePeers");
              }
              return true;
            })
            .orElse(false),
        rule.has("interface")
            ? Optional.of(BgpObjects.device(rule.at("interface")))
            : Optional.empty(),
        rule.text("peerType")
            .map(type ->
                switch (type) {
                  case "iBGP" -> true;
                  case "eBGP" -> false;
                  default -> throw rule.at("peerType").wrong("must be iBGP or eBGP");
                }),
        community(rule),
        rule.list("asPathPrefix").stream().map(Spec::asAs).toList(),
        rule.number("priority", 1, MAX_PRIORITY),
        accept,
        operations);
  }

  private static Optional<PrefixMatch> prefix(Spec rule, IpFamily family) {
    if (!rule.has("cidr")) {
      return Optional.empty();
    }
    Cidr cidr = rule.cidr("cidr", family);
    PrefixMatch.Operator operator =
        switch (rule.text("matchOperator").orElse("")) {
          case "Equal" -> PrefixMatch.Operator.EQUAL;
          case "NotEqual" -> PrefixMatch.Operator.NOT_EQUAL;
          case "In" -> PrefixMatch.Operator.IN;
          case "NotIn" -> PrefixMatch.Operator.NOT_IN;
          default -> throw rule.at("matchOperator").wrong("must be Equal, NotEqual, In or NotIn");
        };
    Spec lengths = rule.at("prefixLength");
    OptionalInt min = lengths.number("min", 0, family.bits());
    OptionalInt max = lengths.number("max", 0, family.bits());
    if (min.orElse(cidr.prefixLength()) > max.orElse(family.bits())) {
      throw lengths.wrong("the least length is above the greatest");
    }
    return Optional.of(new PrefixMatch(operator, cidr, min, max));
  }

  private static Optional<BgpCommunity> community(Spec rule) {
    if (!rule.has("communities")) {
      return Optional.empty();
    }
    List<Spec> values = rule.at("communities").list("values");
    if (values.size() != 1) {
      throw rule.at("communities").wrong("give exactly one value");
    }
    return Optional.of(values.getFirst().parsed(BgpCommunity::parse));
  }

  private static Operation operation(Spec each) {
    int given = 0;
    for (String field : List.of("addCommunity", "prependASPath", "setPriority")) {
      given += each.has(field) ? 1 : 0;
    }
    if (given != 1) {
      throw each.wrong("give exactly one of addCommunity, prependASPath, setPriority");
    }
    if (each.has("addCommunity")) {
      return new Operation.AddCommunity(
          each.at("addCommunity").at("value").parsed(BgpCommunity::parse));
    }
    if (each.has("setPriority")) {
      return new Operation.SetPriority(
          each.at("setPriority").at("value").asNumber(1, MAX_PRIORITY));
    }
    List<Long> numbers = each.at("prependASPath").list("prefix").stream().map(Spec::asAs).toList();
    if (numbers.isEmpty()) {
      throw each.at("prependASPath").wrong("prefix is empty");
    }
    return new Operation.PrependPath(numbers);
  }
}
