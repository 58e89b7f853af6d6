package io.portolan.linux.nft;

import io.portolan.linux.nft.NftStatement.AnyBit;
import io.portolan.linux.nft.NftStatement.Compare;
import io.portolan.linux.nft.NftStatement.CopyMark;
import io.portolan.linux.nft.NftStatement.CountInto;
import io.portolan.linux.nft.NftStatement.Counter;
import io.portolan.linux.nft.NftStatement.DestinationNat;
import io.portolan.linux.nft.NftStatement.Foreign;
import io.portolan.linux.nft.NftStatement.InPrefix;
import io.portolan.linux.nft.NftStatement.InRange;
import io.portolan.linux.nft.NftStatement.Limit;
import io.portolan.linux.nft.NftStatement.Log;
import io.portolan.linux.nft.NftStatement.Lookup;
import io.portolan.linux.nft.NftStatement.Masquerade;
import io.portolan.linux.nft.NftStatement.NameStartsWith;
import io.portolan.linux.nft.NftStatement.Notrack;
import io.portolan.linux.nft.NftStatement.Queue;
import io.portolan.linux.nft.NftStatement.Reject;
import io.portolan.linux.nft.NftStatement.SetField;
import io.portolan.linux.nft.NftStatement.SetMark;
import io.portolan.linux.nft.NftStatement.SetMarkFromMap;
import io.portolan.linux.nft.NftStatement.SourceNat;
import io.portolan.linux.nft.NftStatement.Verdict;
import io.portolan.linux.nft.NftStatement.VerdictMap;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Statements in nft's language, spelt the way nft 1.0.6 lists them. */
final class NftRuleText {
  private NftRuleText() {}

  static String of(NftStatement statement) {
    return switch (statement) {
      case Compare s -> compare(s);
      case InPrefix s -> head(s.selector(), s.negated()) + s.network() + "/" + s.prefixLength();
      case InRange s -> head(s.selector(), s.negated()) + s.range();
      case NameStartsWith s -> head(s.selector(), s.negated()) + '"' + s.prefix() + "*\"";
      case AnyBit s -> s.selector().text() + (s.negated() ? " ! " : " ") + s.bits();
      case Lookup s -> key(s.key()) + (s.negated() ? " != @" : " @") + s.set();
      case VerdictMap s -> key(s.key()) + " vmap @" + s.map();
      case Verdict s -> s.verdict().toString();
      case Counter s -> "counter packets " + s.packets() + " bytes " + s.bytes();
      case CountInto s -> "counter name \"" + s.counter() + '"';
      case Log s -> log(s);
      case Limit s -> limit(s);
      // Port unreachable is the default, and nft then says no more.
      case Reject s ->
          s.with() == Reject.With.PORT_UNREACHABLE ? "reject" : "reject with " + s.with().text();
      case Queue s -> "queue" + (s.bypass() ? " flags bypass" : "") + " to " + s.number();
      case Notrack _ -> "notrack";
      case SetField s -> s.field().text() + " set " + s.value();
      case SetMark s -> setMark(s);
      case CopyMark s -> s.target().selector().text() + " set " + s.source().selector().text();
      case SetMarkFromMap s ->
          s.target().selector().text() + " set " + key(s.key()) + " map @" + s.map();
      case SourceNat s ->
          "snat " + family(s.to().type()) + " to " + span(s.to()) + s.ports().text();
      case DestinationNat s -> destinationNat(s);
      case Masquerade s -> "masquerade" + s.ports().text();
      case Foreign s -> "# " + s.text();
    };
  }

  static String key(List<NftSelector> key) {
    return key.stream().map(NftSelector::text).collect(Collectors.joining(" . "));
  }

  private static String head(NftSelector selector, boolean negated) {
    return selector.text() + (negated ? " != " : " ");
  }

  private static String compare(Compare s) {
    if (s.mask().isEmpty()) {
      return head(s.selector(), s.negated()) + s.value();
    }
    NftValue mask = s.mask().get();
    if (s.selector() == PayloadField.TCP_FLAGS) {
      return head(s.selector(), s.negated()) + s.value() + " / " + mask;
    }
    String operator = s.negated() ? " != " : " == ";
    return s.selector().text() + " & " + mask + operator + s.value();
  }

  private static String log(Log s) {
    String prefix = s.prefix().isEmpty() ? "" : " prefix \"" + s.prefix() + '"';
    String snap = s.snapLength().isPresent() ? " snaplen " + s.snapLength().getAsInt() : "";
    String threshold =
        s.queueThreshold().isPresent() ? " queue-threshold " + s.queueThreshold().getAsInt() : "";
    return "log" + prefix + " group " + s.group() + snap + threshold;
  }

  private static String limit(Limit s) {
    // nft leaves out its own default burst of 5 when it lists.
    String burst = s.burst() == 5 ? "" : " burst " + s.burst() + " packets";
    String unit = s.unit().name().toLowerCase(Locale.ROOT);
    return "limit rate " + (s.over() ? "over " : "") + s.rate() + "/" + unit + burst;
  }

  /**
   * The kernel computes (mark AND keep) XOR value. Keeping the bits that are set anyway makes that
   * an OR, and so nft reads it.
   */
  private static String setMark(SetMark s) {
    String mark = s.target().selector().text();
    int keep = ~s.mask();
    if (keep == 0) {
      return String.format("%s set 0x%08x", mark, s.value());
    }
    if (s.value() == 0) {
      return String.format("%s set %s & 0x%08x", mark, mark, keep);
    }
    return String.format("%s set %s & 0x%08x | 0x%08x", mark, mark, keep | s.value(), s.value());
  }

  private static String destinationNat(DestinationNat s) {
    boolean bracketed = s.port().isPresent() && s.to().type() == NftType.IPV6_ADDR;
    String address = bracketed ? "[" + s.to() + "]" : s.to().toString();
    String port = s.port().isPresent() ? ":" + s.port().getAsInt() : "";
    return "dnat " + family(s.to().type()) + " to " + address + port;
  }

  private static String span(NftKeyPart part) {
    return switch (part) {
      case NftValue value -> value.toString();
      case NftInterval range -> range.from() + "-" + range.to();
    };
  }

  private static String family(NftType address) {
    return address == NftType.IPV4_ADDR ? "ip" : "ip6";
  }
}
