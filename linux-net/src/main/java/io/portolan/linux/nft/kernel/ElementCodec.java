package io.portolan.linux.nft.kernel;

import io.portolan.linux.netlink.AttributeReader;
import io.portolan.linux.netlink.AttributeWriter;
import io.portolan.linux.nft.NftCount;
import io.portolan.linux.nft.NftData;
import io.portolan.linux.nft.NftElement;
import io.portolan.linux.nft.NftInterval;
import io.portolan.linux.nft.NftKeyPart;
import io.portolan.linux.nft.NftListing.ListedElement;
import io.portolan.linux.nft.NftSet;
import io.portolan.linux.nft.NftType;
import io.portolan.linux.nft.NftValue;
import io.portolan.linux.nft.NftVerdict;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Elements on the wire, which come in three forms.
 *
 * <pre>
 *  plain set          KEY
 *  interval set       KEY                       the first value
 *                     KEY, FLAGS=INTERVAL_END   the first value behind; left out behind the last
 *  ranged concat      KEY, KEY_END              per field first and last value, both inclusive
 * </pre>
 */
final class ElementCodec {
  /** Upper bound of one element, so that a message stays below what an attribute can hold. */
  static final int MAX_BYTES = 2 * (8 + 12 + 64) + 12 + 8 + 16 + 256 + 136 + 16;

  private ElementCodec() {}

  /** Appends one element, or the two halves of an interval, to NFTA_SET_ELEM_LIST_ELEMENTS. */
  static void write(AttributeWriter out, NftSet set, NftElement element, boolean keyOnly) {
    byte[] from = key(set, element, false);
    if (SetCodec.isRanged(set)) {
      int start = out.openNested(Nfnl.LIST_ELEM);
      value(out, Nfnl.ELEM_KEY, from);
      value(out, Nfnl.ELEM_KEY_END, key(set, element, true));
      details(out, element, keyOnly);
      out.closeNested(start);
      return;
    }
    int start = out.openNested(Nfnl.LIST_ELEM);
    value(out, Nfnl.ELEM_KEY, from);
    details(out, element, keyOnly);
    out.closeNested(start);
    if (set.isInterval()) {
      NftValue behind = element.key().getFirst().to().next();
      if (!behind.isZero()) {
        int end = out.openNested(Nfnl.LIST_ELEM);
        value(out, Nfnl.ELEM_KEY, behind.bytes());
        out.u32BigEndian(Nfnl.ELEM_FLAGS, Nfnl.ELEM_F_INTERVAL_END);
        out.closeNested(end);
      }
    }
  }

  private static void details(AttributeWriter out, NftElement element, boolean keyOnly) {
    if (keyOnly) {
      return;
    }
    element.data().ifPresent(data -> data(out, data));
    element.timeout().ifPresent(t -> out.u64BigEndian(Nfnl.ELEM_TIMEOUT, t.toMillis()));
    element.comment().ifPresent(text -> out.bytes(Nfnl.ELEM_USERDATA, UserData.comment(text)));
  }

  private static void data(AttributeWriter out, NftData data) {
    int start = out.openNested(Nfnl.ELEM_DATA);
    switch (data) {
      case NftValue value -> out.bytes(Nfnl.DATA_VALUE, value.bytes());
      case NftVerdict verdict -> ExpressionWriter.verdict(out, verdict);
    }
    out.closeNested(start);
  }

  private static void value(AttributeWriter out, int type, byte[] bytes) {
    int start = out.openNested(type);
    out.bytes(Nfnl.DATA_VALUE, bytes);
    out.closeNested(start);
  }

  private static byte[] key(NftSet set, NftElement element, boolean last) {
    ByteBuffer out = ByteBuffer.allocate(SetCodec.keyLength(set));
    for (NftKeyPart part : element.key()) {
      int start = out.position();
      (last ? part.to() : part.from()).write(out);
      if (set.isConcatenation()) {
        out.position(start + part.type().paddedLength());
      }
    }
    return out.array();
  }

  /** One element as it came, which may be the end of an interval. */
  record Raw(boolean end, ListedElement listed) {}

  /** Reads the elements of one NEWSETELEM message. */
  static void read(AttributeReader in, NftSet set, Consumer<Raw> found) {
    while (in.next()) {
      if (in.type() == Nfnl.ELEM_LIST_ELEMENTS) {
        AttributeReader list = in.nested();
        while (list.next()) {
          found.accept(one(list.nested(), set));
        }
      }
    }
  }

  private static Raw one(AttributeReader in, NftSet set) {
    byte[] key = new byte[0];
    byte[] keyEnd = key;
    boolean end = false;
    Optional<NftData> data = Optional.empty();
    Optional<Duration> timeout = Optional.empty();
    Optional<Duration> expires = Optional.empty();
    Optional<NftCount> count = Optional.empty();
    Optional<String> comment = Optional.empty();
    while (in.next()) {
      switch (in.type()) {
        case Nfnl.ELEM_KEY -> key = valueOf(in.nested());
        case Nfnl.ELEM_KEY_END -> keyEnd = valueOf(in.nested());
        case Nfnl.ELEM_FLAGS -> end = (in.u32BigEndian() & Nfnl.ELEM_F_INTERVAL_END) != 0;
        case Nfnl.ELEM_DATA -> data = dataOf(in.nested(), set);
        case Nfnl.ELEM_TIMEOUT -> timeout = Optional.of(Duration.ofMillis(in.u64BigEndian()));
        case Nfnl.ELEM_EXPIRATION -> expires = Optional.of(Duration.ofMillis(in.u64BigEndian()));
        case Nfnl.ELEM_USERDATA -> comment = UserData.text(in.bytes(), UserData.COMMENT);
        case Nfnl.ELEM_EXPR -> count = countOf(in.nested());
        default -> {}
      }
    }
    // The kernel repeats the set's default for each element; nft says it once.
    timeout = timeout.filter(own -> !set.timeout().equals(Optional.of(own)));
    NftElement element = new NftElement(parts(set, key, keyEnd), data, timeout, comment);
    return new Raw(end, new ListedElement(element, expires, count));
  }

  private static List<NftKeyPart> parts(NftSet set, byte[] from, byte[] to) {
    List<NftKeyPart> parts = new ArrayList<>();
    int offset = 0;
    for (NftType type : set.key()) {
      NftValue first = NftValue.read(type, from, offset);
      parts.add(to.length == 0 ? first : NftInterval.of(first, NftValue.read(type, to, offset)));
      offset += type.paddedLength();
    }
    return parts;
  }

  private static byte[] valueOf(AttributeReader in) {
    byte[] value = new byte[0];
    while (in.next()) {
      if (in.type() == Nfnl.DATA_VALUE) {
        value = in.bytes();
      }
    }
    return value;
  }

  private static Optional<NftData> dataOf(AttributeReader in, NftSet set) {
    Optional<NftData> data = Optional.empty();
    while (in.next()) {
      switch (in.type()) {
        case Nfnl.DATA_VALUE -> {
          byte[] bytes = in.bytes();
          data = set.data().map(type -> NftValue.read(type, bytes, 0));
        }
        case Nfnl.DATA_VERDICT -> data = Verdicts.read(in.nested()).map(verdict -> verdict);
        default -> {}
      }
    }
    return data;
  }

  private static Optional<NftCount> countOf(AttributeReader in) {
    return ExpressionReader.one(in) instanceof NftExpression.Counter counter
        ? Optional.of(new NftCount(counter.packets(), counter.bytes()))
        : Optional.empty();
  }

  /** Puts the halves of intervals together and orders the elements as nft does. */
  static List<ListedElement> assemble(NftSet set, List<Raw> raw) {
    List<ListedElement> elements = new ArrayList<>();
    if (!set.isInterval() || set.isConcatenation()) {
      raw.forEach(element -> elements.add(element.listed()));
    } else {
      List<Raw> sorted = new ArrayList<>(raw);
      // An interval that ends where the next begins has both at one key: the end belongs first.
      sorted.sort(
          Comparator.comparing((Raw r) -> r.listed().element().key().getFirst().from())
              .thenComparing(r -> !r.end()));
      Optional<ListedElement> open = Optional.empty();
      for (Raw half : sorted) {
        NftValue value = half.listed().element().key().getFirst().from();
        if (open.isPresent()) {
          elements.add(closed(open.get(), value.previous()));
        }
        open = half.end() ? Optional.empty() : Optional.of(half.listed());
      }
      open.ifPresent(
          last -> elements.add(closed(last, last.element().key().getFirst().from().lastOf(0))));
    }
    elements.sort(
        Comparator.comparing(
            ListedElement::element,
            (a, b) -> {
              int order = 0;
              for (int i = 0; i < a.key().size() && order == 0; i++) {
                order = a.key().get(i).from().compareTo(b.key().get(i).from());
              }
              return order;
            }));
    return elements;
  }

  private static ListedElement closed(ListedElement start, NftValue last) {
    NftElement element = start.element();
    NftKeyPart range = NftInterval.of(element.key().getFirst().from(), last);
    return new ListedElement(
        new NftElement(List.of(range), element.data(), element.timeout(), element.comment()),
        start.expires(),
        start.count());
  }
}
