package io.portolan.sim.kube.schema;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.TreeSet;

/** The identity of an item in a list map. */
public final class ListKeys {
  private ListKeys() {}

  /**
   * The key fields of {@code item}, in alphabetical order as field sets spell them. A missing
   * {@code protocol} is TCP, its default wherever Kubernetes uses it as a key; other missing keys
   * are left out.
   */
  public static ObjectNode of(JsonNode item, List<String> keys) {
    ObjectNode identity = JsonNodeFactory.instance.objectNode();
    for (String key : new TreeSet<>(keys)) {
      JsonNode value = item.get(key);
      if (value != null && !value.isNull()) {
        identity.set(key, value);
      } else if (key.equals("protocol")) {
        identity.put(key, "TCP");
      }
    }
    return identity;
  }

  /** The position in {@code list} of the item with the given identity, or -1. */
  public static int indexOf(JsonNode list, ObjectNode identity, List<String> keys) {
    for (int i = 0; i < list.size(); i++) {
      if (of(list.get(i), keys).equals(identity)) {
        return i;
      }
    }
    return -1;
  }
}
