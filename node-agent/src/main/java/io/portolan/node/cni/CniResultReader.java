package io.portolan.node.cni;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.portolan.common.net.Cidr;
import io.portolan.common.net.IpAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Reads a {@code prevResult} of any version from 0.3.0 on. Strict on types, lenient on keys it does
 * not know: other plugins may add theirs.
 */
final class CniResultReader {
  private CniResultReader() {}

  /**
   * @throws IllegalArgumentException if something has the wrong shape; the message says where
   */
  static CniResult read(ObjectNode json) {
    List<CniResult.Interface> interfaces = new ArrayList<>();
    for (JsonNode each : array(json, "interfaces")) {
      interfaces.add(
          new CniResult.Interface(
              required(each, "prevResult.interfaces", "name"),
              text(each, "prevResult.interfaces", "mac").orElse(""),
              number(each, "prevResult.interfaces", "mtu"),
              text(each, "prevResult.interfaces", "sandbox").orElse("")));
    }
    List<CniResult.Ip> ips = new ArrayList<>();
    for (JsonNode each : array(json, "ips")) {
      ips.add(ip(each, interfaces.size()));
    }
    List<CniResult.Route> routes = new ArrayList<>();
    for (JsonNode each : array(json, "routes")) {
      routes.add(
          new CniResult.Route(
              Cidr.parseMasking(required(each, "prevResult.routes", "dst")),
              text(each, "prevResult.routes", "gw").map(IpAddress::parse)));
    }
    return new CniResult(
        interfaces, ips, routes, Optional.ofNullable(json.get("dns")), Optional.empty());
  }

  private static CniResult.Ip ip(JsonNode json, int interfaces) {
    String address = required(json, "prevResult.ips", "address");
    Cidr block = Cidr.parseMasking(address);
    OptionalInt index = number(json, "prevResult.ips", "interface");
    if (index.isPresent() && index.getAsInt() >= interfaces) {
      throw new IllegalArgumentException(
          "prevResult.ips: interface " + index.getAsInt() + " is not in prevResult.interfaces");
    }
    return new CniResult.Ip(
        IpAddress.parse(address.substring(0, address.indexOf('/'))),
        block.prefixLength(),
        text(json, "prevResult.ips", "gateway").map(IpAddress::parse),
        index);
  }

  private static Iterable<JsonNode> array(ObjectNode json, String key) {
    JsonNode value = json.get(key);
    if (value == null || value.isNull()) {
      return List.of();
    }
    if (!value.isArray()) {
      throw new IllegalArgumentException("prevResult." + key + " must be an array");
    }
    for (JsonNode element : value) {
      if (!element.isObject()) {
        throw new IllegalArgumentException("prevResult." + key + " must hold objects");
      }
    }
    return value;
  }

  private static String required(JsonNode json, String where, String key) {
    return text(json, where, key)
        .orElseThrow(() -> new IllegalArgumentException(where + ": " + key + " is missing"));
  }

  private static Optional<String> text(JsonNode json, String where, String key) {
    JsonNode value = json.get(key);
    if (value == null || value.isNull()) {
      return Optional.empty();
    }
    if (!value.isTextual()) {
      throw new IllegalArgumentException(where + ": " + key + " must be a string, not " + value);
    }
    return Optional.of(value.textValue()).filter(text -> !text.isEmpty());
  }

  private static OptionalInt number(JsonNode json, String where, String key) {
    JsonNode value = json.get(key);
    if (value == null || value.isNull()) {
      return OptionalInt.empty();
    }
    if (!value.isInt() || value.intValue() < 0) {
      throw new IllegalArgumentException(
          where + ": " + key + " must be a non-negative integer, not " + value);
    }
    return OptionalInt.of(value.intValue());
  }
}
