package io.portolan.sim.kube;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * The few defaults of built-in types that clients of a network read: protocols, policy types, pod
 * phase and host-network ports. All others are left out.
 */
final class BuiltInDefaults {
  private BuiltInDefaults() {}

  static void apply(ResourceType type, ObjectNode object) {
    if (type.isCustom()) {
      return;
    }
    switch (type.kind()) {
      case "Pod" -> pod(object);
      case "NetworkPolicy" -> networkPolicy(object);
      case "Service" -> protocols(object.path("spec").path("ports"));
      case "Namespace" -> namespace(object);
      case "EndpointSlice" -> protocols(object.path("ports"));
      default -> {}
    }
  }

  private static void pod(ObjectNode pod) {
    if (!pod.path("status").has("phase")) {
      pod.withObjectProperty("status").put("phase", "Pending");
    }
    if (!(pod.get("spec") instanceof ObjectNode spec)) {
      return;
    }
    set(spec, "restartPolicy", "Always");
    set(spec, "dnsPolicy", "ClusterFirst");
    if (!spec.has("terminationGracePeriodSeconds")) {
      spec.put("terminationGracePeriodSeconds", 30);
    }
    boolean hostNetwork = spec.path("hostNetwork").asBoolean();
    for (JsonNode container : spec.path("containers")) {
      protocols(container.path("ports"));
      for (JsonNode port : container.path("ports")) {
        if (hostNetwork && !port.has("hostPort")) {
          ((ObjectNode) port).set("hostPort", port.path("containerPort"));
        }
      }
    }
  }

  private static void networkPolicy(ObjectNode policy) {
    if (!(policy.get("spec") instanceof ObjectNode spec)) {
      return;
    }
    spec.path("ingress").forEach(rule -> protocols(rule.path("ports")));
    spec.path("egress").forEach(rule -> protocols(rule.path("ports")));
    if (spec.path("policyTypes").isEmpty()) {
      ArrayNode types = spec.putArray("policyTypes").add("Ingress");
      if (!spec.path("egress").isEmpty()) {
        types.add("Egress");
      }
    }
  }

  private static void namespace(ObjectNode namespace) {
    ObjectNode metadata = ObjectRules.metadata(namespace);
    metadata
        .withObjectProperty("labels")
        .put("kubernetes.io/metadata.name", metadata.path("name").asText());
    if (!namespace.path("status").has("phase")) {
      namespace.withObjectProperty("status").put("phase", "Active");
    }
  }

  private static void protocols(JsonNode ports) {
    for (JsonNode port : ports) {
      if (port instanceof ObjectNode object) {
        set(object, "protocol", "TCP");
      }
    }
  }

  private static void set(ObjectNode object, String field, String value) {
    if (!object.has(field)) {
      object.put(field, value);
    }
  }
}
