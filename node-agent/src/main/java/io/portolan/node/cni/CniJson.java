package io.portolan.node.cni;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.StringWriter;
import java.util.Map;
import java.util.Set;

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

  private static final String INTERFACES = "interfaces";
  private static final String IPS = "ips";
  private static final String ROUTES = "routes";
  private static final Set<String> OURS = Set.of("cniVersion", INTERFACES, IPS, ROUTES);

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

  /** What an earlier plugin of the chain made comes first; ours is added to it. */
  static String result(CniVersion version, CniResult result) {
    ObjectNode previous = result.prevResult().orElseGet(MAPPER::createObjectNode);
    int shift = previous.path(INTERFACES).size();
    StringWriter text = new StringWriter(512);
    try (JsonGenerator json = MAPPER.createGenerator(text)) {
      json.writeStartObject();
      json.writeStringField("cniVersion", version.toString());
      for (Map.Entry<String, JsonNode> field : previous.properties()) {
        if (!OURS.contains(field.getKey())
            && !(field.getKey().equals("dns") && result.dns().isPresent())) {
          json.writeFieldName(field.getKey());
          MAPPER.writeTree(json, field.getValue());
        }
      }
      startArray(json, INTERFACES, previous);
      for (CniResult.Interface each : result.interfaces()) {
        write(json, version, each);
      }
      json.writeEndArray();
      startArray(json, IPS, previous);
      for (CniResult.Ip ip : result.ips()) {
        write(json, version, ip, shift);
      }
      json.writeEndArray();
      startArray(json, ROUTES, previous);
      for (CniResult.Route route : result.routes()) {
        json.writeStartObject();
        json.writeStringField("dst", route.destination().toString());
        if (route.gateway().isPresent()) {
          json.writeStringField("gw", route.gateway().get().toString());
        }
        json.writeEndObject();
      }
      json.writeEndArray();
      if (result.dns().isPresent()) {
        json.writeFieldName("dns");
        MAPPER.writeTree(json, result.dns().get());
      }
      json.writeEndObject();
    } catch (IOException e) {
      throw new IllegalStateException("text in memory can always be written", e);
    }
    return text.append('\n').toString();
  }

  private static void startArray(JsonGenerator json, String name, ObjectNode previous)
      throws IOException {
    json.writeArrayFieldStart(name);
    for (JsonNode element : previous.path(name)) {
      MAPPER.writeTree(json, element);
    }
  }

  private static void write(JsonGenerator json, CniVersion version, CniResult.Interface each)
      throws IOException {
    json.writeStartObject();
    json.writeStringField("name", each.name());
    if (!each.mac().isEmpty()) {
      json.writeStringField("mac", each.mac());
    }
    if (each.mtu().isPresent() && version.isAtLeast(CniVersion.V1_1_0)) {
      json.writeNumberField("mtu", each.mtu().getAsInt());
    }
    if (!each.sandbox().isEmpty()) {
      json.writeStringField("sandbox", each.sandbox());
    }
    json.writeEndObject();
  }

  private static void write(JsonGenerator json, CniVersion version, CniResult.Ip ip, int shift)
      throws IOException {
    json.writeStartObject();
    if (!version.isAtLeast(CniVersion.V1_0_0)) {
      json.writeStringField("version", ip.address().isIpv4() ? "4" : "6");
    }
    if (ip.interfaceIndex().isPresent()) {
      json.writeNumberField("interface", shift + ip.interfaceIndex().getAsInt());
    }
    json.writeStringField("address", ip.address() + "/" + ip.prefixLength());
    if (ip.gateway().isPresent()) {
      json.writeStringField("gateway", ip.gateway().get().toString());
    }
    json.writeEndObject();
  }

  private static String text(JsonNode json) {
    try {
      return MAPPER.writeValueAsString(json) + "\n";
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a JSON tree can always be written", e);
    }
  }
}
