package io.portolan.calico.bgp;

import io.portolan.calico.bgp.BgpFilter.Operation;
import io.portolan.calico.bgp.BgpFilter.PrefixMatch;
import io.portolan.calico.bgp.BgpFilter.Rule;
import io.portolan.common.net.IpFamily;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Collectors;
import java.util.zip.CRC32;

/** BGPFilters as functions of BIRD's filter language. */
final class FilterText {
  /** Lower priorities are better, greater local preferences are: one is this less the other. */
  static final long PREFERENCE_BASE = 2147483647;

  /** BIRD takes symbols of 64 characters. */
  private static final int LONGEST_NAME = 50;

  private FilterText() {}

  /** Call of the function of a filter, in a session with a peer of the same AS or of another. */
  static String call(BgpFilter filter, boolean export, IpFamily family, boolean internal) {
    return name(filter, export, family) + "(" + internal + ");";
  }

  private static String name(BgpFilter filter, boolean export, IpFamily family) {
    String direction = export ? "export" : "import";
    String name = filter.name();
    if (name.length() > LONGEST_NAME) {
      CRC32 sum = new CRC32();
      sum.update(name.getBytes(StandardCharsets.UTF_8));
      name =
          name.substring(0, LONGEST_NAME - 9)
              + "."
              + HexFormat.of().toHexDigits((int) sum.getValue());
    }
    return "'" + direction + (family == IpFamily.IPV4 ? "4." : "6.") + name + "'";
  }

  static List<String> function(BgpFilter filter, boolean export, IpFamily family) {
    List<String> lines = new ArrayList<>();
    lines.add("function " + name(filter, export, family) + "(bool same_as)");
    lines.add("{");
    for (Rule rule : filter.rules(export, family)) {
      List<String> conditions = conditions(rule, family);
      String body =
          rule.accept()
              ? rule.operations().stream()
                  .flatMap(o -> statements(o).stream())
                  .collect(Collectors.joining(" ", "", "accept;"))
              : "reject;";
      String spaced = body.replace(";accept", "; accept");
      lines.add(
          conditions.isEmpty()
              ? "  " + spaced
              : "  if " + String.join(" && ", conditions) + " then { " + spaced + " }");
    }
    lines.add("}");
    return lines;
  }

  private static List<String> conditions(Rule rule, IpFamily family) {
    List<String> all = new ArrayList<>();
    rule.prefix().ifPresent(p -> all.add(prefix(p, family)));
    if (rule.fromPeers()) {
      all.add("source = RTS_BGP");
    }
    rule.device().ifPresent(d -> all.add("ifname ~ \"" + d + "\""));
    rule.internal().ifPresent(i -> all.add(i ? "same_as" : "! same_as"));
    rule.community().ifPresent(c -> all.add(pair(c) + " ~ " + list(c)));
    if (!rule.pathPrefix().isEmpty()) {
      all.add(
          "bgp_path ~ [= "
              + rule.pathPrefix().stream().map(String::valueOf).collect(Collectors.joining(" "))
              + " * =]");
    }
    rule.priority().ifPresent(p -> all.add("bgp_local_pref = " + (PREFERENCE_BASE - p)));
    return all.stream().map(c -> "(" + c + ")").toList();
  }

  private static String prefix(PrefixMatch match, IpFamily family) {
    int min = match.min().orElse(match.cidr().prefixLength());
    int max = match.max().orElse(family.bits());
    String lengths = "[ " + match.cidr() + "{" + min + "," + max + "} ]";
    return switch (match.operator()) {
      case EQUAL -> "net = " + match.cidr();
      case NOT_EQUAL -> "net != " + match.cidr();
      case IN -> "net ~ " + lengths;
      case NOT_IN -> "net !~ " + lengths;
    };
  }

  private static List<String> statements(Operation operation) {
    return switch (operation) {
      case Operation.AddCommunity(BgpCommunity community) -> List.of(add(community));
      case Operation.PrependPath(List<Long> numbers) ->
          numbers.reversed().stream().map(n -> "bgp_path.prepend(" + n + ");").toList();
      case Operation.SetPriority(int priority) ->
          List.of("bgp_local_pref = " + (PREFERENCE_BASE - priority) + ";");
    };
  }

  static String add(BgpCommunity community) {
    return list(community) + ".add(" + pair(community) + ");";
  }

  private static String list(BgpCommunity community) {
    return community.isLarge() ? "bgp_large_community" : "bgp_community";
  }

  private static String pair(BgpCommunity community) {
    return community.parts().stream()
        .map(String::valueOf)
        .collect(Collectors.joining(", ", "(", ")"));
  }
}
