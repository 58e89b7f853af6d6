package io.portolan.sim.ec2;

import io.portolan.sim.ec2.model.Ec2Error;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/** Reads {@code application/x-www-form-urlencoded} text, from a body or a query string. */
final class FormDecoder {
  private FormDecoder() {}

  /**
   * @throws io.portolan.sim.ec2.model.Ec2Refusal if the text is malformed or names a thing twice
   */
  static Map<String, String> decode(String form) {
    Map<String, String> parameters = new LinkedHashMap<>();
    for (String pair : form.split("&", -1)) {
      if (pair.isEmpty()) {
        continue;
      }
      int equals = pair.indexOf('=');
      String name = text(equals < 0 ? pair : pair.substring(0, equals));
      String value = equals < 0 ? "" : text(pair.substring(equals + 1));
      if (parameters.put(name, value) != null) {
        throw malformed("The parameter " + name + " occurs twice");
      }
    }
    return parameters;
  }

  private static String text(String encoded) {
    try {
      return URLDecoder.decode(encoded, StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw malformed(String.valueOf(e.getMessage()));
    }
  }

  private static RuntimeException malformed(String message) {
    return new Ec2Error("MalformedQueryString", message).refusal();
  }
}
