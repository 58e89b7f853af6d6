package io.portolan.node.cni;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;

/** Writes results, errors and version answers as the specification's versions want them. */
final class CniJson {
  /**
   * Duplicate keys and trailing text are errors: what two readers may read differently is wrong.
   */
  static final JsonMapper MAPPER =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private CniJson() {}

  /**
   * @throws IOException if {@code input} is not exactly one JSON value
   */
  static JsonNode read(String input) throws IOException {
    return MAPPER.readTree(input);
  }

  static String error(String version, CniError error) {
    ObjectNode json = MAPPER.createObjectNode();
    json.put("cniVersion", version).put("code", error.code().number()).put("msg", error.message());
    if (!error.details().isEmpty()) {
      json.put("details", error.details());
    }
    return text(json);
  }

  static String versions(String requested) {
    ObjectNode json = MAPPER.createObjectNode().put("cniVersion", requested);
    ArrayNode supported = json.putArray("supportedVersions");
    CniVersion.supported().forEach(supported::add);
    return text(json);
  }

  static String result(CniVersion version, CniResult result) {
    ObjectNode json =
        result.prevResult().map(ObjectNode::deepCopy).orElseGet(MAPPER::createObjectNode);
    json.put("cniVersion", version.toString());
    ArrayNode interfaces = json.withArray("interfaces");
    int shift = interfaces.size();
    for (CniResult.Interface each : result.interfaces()) {
      ObjectNode node = interfaces.addObject().put("name", each.name());
      if (!each.mac().isEmpty()) {
        node.put("mac", each.mac());
      }
      if (each.mtu().isPresent() && version.isAtLeast(CniVersion.V1_1_0)) {
        node.put("mtu", each.mtu().getAsInt());
      }
      if (!each.sandbox().isEmpty()) {
        node.put("sandbox", each.sandbox());
      }
    }
    ArrayNode ips = json.withArray("ips");
    for (CniResult.Ip ip : result.ips()) {
      ObjectNode node = ips.addObject();
      if (!version.isAtLeast(CniVersion.V1_0_0)) {
        node.put("version", ip.address().isIpv4() ? "4" : "6");
      }
      ip.interfaceIndex().ifPresent(index -> node.put("interface", shift + index));
      node.put("address", ip.address() + "/" + ip.prefixLength());
      ip.gateway().ifPresent(gateway -> node.put("gateway", gateway.toString()));
    }
    ArrayNode routes = json.withArray("routes");
    for (CniResult.Route route : result.routes()) {
      ObjectNode node = routes.addObject().put("dst", route.destination().toString());
      route.gateway().ifPresent(gateway -> node.put("gw", gateway.toString()));
    }
    result.dns().ifPresent(dns -> json.set("dns", dns));
    return text(json);
  }

  private static String text(JsonNode json) {
    try {
      return MAPPER.writeValueAsString(json) + "\n";
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a JSON tree can always be written", e);
    }
  }
}
