package io.portolan.policy.cases;

import io.portolan.policy.model.PodName;
import java.util.HashMap;
import java.util.Map;

/**
 * Reads the ends of probes. Probes name the same few ends over and over, and reading an address
 * takes longer than answering the probe, so what was read is remembered, within bounds.
 *
 * <p>Not thread-safe.
 */
public final class ProbeEnds {
  private static final int REMEMBERED = 1 << 16;

  private final Map<String, ProbeEnd> known = new HashMap<>();

  ProbeEnd read(InputNode field) throws MalformedInputException {
    String text = field.text();
    ProbeEnd end = known.get(text);
    if (end == null) {
      end = parse(field, text);
      if (known.size() >= REMEMBERED) {
        known.clear();
      }
      known.put(text, end);
    }
    return end;
  }

  private static ProbeEnd parse(InputNode field, String text) throws MalformedInputException {
    if (text.startsWith("ip:")) {
      return new ProbeEnd.OfAddress(InputNode.address(field.path(), text.substring(3)));
    }
    int slash = text.indexOf('/');
    if (slash < 1 || slash == text.length() - 1 || text.indexOf('/', slash + 1) >= 0) {
      throw field.problem("'" + text + "' is neither NAMESPACE/POD nor ip:ADDRESS");
    }
    return new ProbeEnd.OfPod(new PodName(text.substring(0, slash), text.substring(slash + 1)));
  }
}
