package io.portolan.sim.kube;

import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;

/** The query parameters of a request; the first of a repeated one counts. */
record Query(Map<String, String> parameters) {
  static Query of(URI uri) {
    Map<String, String> parameters = new TreeMap<>();
    String raw = uri.getRawQuery();
    if (raw != null) {
      for (String pair : raw.split("&")) {
        int equals = pair.indexOf('=');
        String name = equals < 0 ? pair : pair.substring(0, equals);
        String value = equals < 0 ? "" : pair.substring(equals + 1);
        parameters.putIfAbsent(decode(name), decode(value));
      }
    }
    return new Query(parameters);
  }

  private static String decode(String text) {
    return URLDecoder.decode(text, StandardCharsets.UTF_8);
  }

  String text(String name) {
    return parameters.getOrDefault(name, "");
  }

  boolean flag(String name) {
    String value = text(name);
    return value.equals("true") || value.equals("1");
  }

  OptionalLong number(String name) {
    String value = text(name);
    if (value.isEmpty()) {
      return OptionalLong.empty();
    }
    try {
      return OptionalLong.of(Long.parseLong(value));
    } catch (NumberFormatException e) {
      throw ApiFailure.badRequest("invalid " + name + ": \"" + value + "\"");
    }
  }

  Optional<String> optional(String name) {
    return Optional.ofNullable(parameters.get(name)).filter(v -> !v.isEmpty());
  }
}
