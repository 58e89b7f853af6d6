package io.portolan.calico.bgp;

import com.fasterxml.jackson.databind.JsonNode;
import io.portolan.common.net.Cidr;
import io.portolan.common.net.IpFamily;
import io.portolan.common.select.expression.Expression;
import io.portolan.common.select.expression.ExpressionParser;
import io.portolan.common.select.expression.Parsed;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A part of an object and where in it that is. Readers throw {@link IllegalArgumentException} with
 * the field's name for what they cannot use.
 */
record Spec(String path, JsonNode node) {
  private static final long MAX_AS = 0xffff_ffffL;
  private static final Pattern DURATION = Pattern.compile("(\\d+(?:\\.\\d+)?)(h|ms|m|s)");

  IllegalArgumentException wrong(String what) {
    return new IllegalArgumentException(path + ": " + what);
  }

  boolean has(String field) {
    JsonNode value = node.path(field);
    return !value.isMissingNode()
        && !value.isNull()
        && !(value.isTextual() && value.asText().isEmpty());
  }

  Spec at(String field) {
    return new Spec(path + "." + field, node.path(field));
  }

  List<Spec> list(String field) {
    List<Spec> items = new ArrayList<>();
    int index = 0;
    for (JsonNode item : node.path(field)) {
      items.add(new Spec(path + "." + field + "[" + index++ + "]", item));
    }
    return items;
  }

  Optional<String> text(String field) {
    return has(field) ? Optional.of(at(field).asText()) : Optional.empty();
  }

  String asText() {
    if (!node.isTextual()) {
      throw wrong("must be text");
    }
    return node.asText();
  }

  boolean flag(String field, boolean otherwise) {
    if (!has(field)) {
      return otherwise;
    }
    if (!node.path(field).isBoolean()) {
      throw at(field).wrong("must be true or false");
    }
    return node.path(field).asBoolean();
  }

  OptionalInt number(String field, int min, int max) {
    return has(field) ? OptionalInt.of(at(field).asNumber(min, max)) : OptionalInt.empty();
  }

  int asNumber(int min, int max) {
    if (!node.isIntegralNumber() || node.asLong() < min || node.asLong() > max) {
      throw wrong("must be a number from " + min + " to " + max + ", not " + node);
    }
    return node.asInt();
  }

  /** An AS number, also in the form {@code 1.10} (RFC 5396). */
  OptionalLong as(String field) {
    return has(field) ? OptionalLong.of(at(field).asAs()) : OptionalLong.empty();
  }

  long asAs() {
    String text = node.asText();
    Matcher dotted = Pattern.compile("(\\d{1,5})\\.(\\d{1,5})").matcher(text);
    long number =
        dotted.matches()
            ? (Long.parseLong(dotted.group(1)) << 16) + Long.parseLong(dotted.group(2))
            : text.matches("\\d{1,10}") ? Long.parseLong(text) : -1;
    if (number < 1 || number > MAX_AS) {
      throw wrong("must be an AS number from 1 to " + MAX_AS + ", not " + node);
    }
    return number;
  }

  /** Seconds of a duration as Go writes them. */
  OptionalInt seconds(String field, int max) {
    if (!has(field)) {
      return OptionalInt.empty();
    }
    String text = node.path(field).asText();
    Matcher part = DURATION.matcher(text);
    double seconds = 0;
    int end = 0;
    while (part.find() && part.start() == end) {
      double each = Double.parseDouble(part.group(1));
      seconds +=
          switch (part.group(2)) {
            case "h" -> each * 3600;
            case "m" -> each * 60;
            case "s" -> each;
            default -> each / 1000;
          };
      end = part.end();
    }
    long rounded = Math.round(seconds);
    if (end != text.length() || rounded < 1 || rounded > max) {
      throw at(field)
          .wrong("must be a duration from 1s to " + max + "s, such as 120s, not '" + text + "'");
    }
    return OptionalInt.of((int) rounded);
  }

  <T> T parsed(Function<String, T> parser) {
    try {
      return parser.apply(asText());
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(path + ": " + e.getMessage(), e);
    }
  }

  Cidr cidr(String field) {
    return at(field).parsed(Cidr::parseMasking);
  }

  Cidr cidr(String field, IpFamily family) {
    Cidr cidr = cidr(field);
    if (cidr.family() != family) {
      throw at(field).wrong(cidr + " is not of the rule's family");
    }
    return cidr;
  }

  Expression selector(String field) {
    return switch (ExpressionParser.parse(at(field).asText())) {
      case Parsed.Valid(Expression expression) -> expression;
      case Parsed.Invalid invalid -> throw at(field).wrong(invalid.message());
    };
  }

  Optional<BgpSnapshot.SecretKey> secretKey(String field) {
    if (!has(field) || !at(field).has("secretKeyRef")) {
      return Optional.empty();
    }
    Spec reference = at(field).at("secretKeyRef");
    return Optional.of(
        new BgpSnapshot.SecretKey(
            reference.text("name").orElseThrow(() -> reference.wrong("name is missing")),
            reference.text("key").orElseThrow(() -> reference.wrong("key is missing"))));
  }
}
