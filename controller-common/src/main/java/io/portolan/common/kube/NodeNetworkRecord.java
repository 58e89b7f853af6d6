package io.portolan.common.kube;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.portolan.common.api.v1alpha1.NodeNetworkSpec;
import io.portolan.common.api.v1alpha1.NodeNetworkStatus;
import java.io.IOException;

/**
 * A NodeNetwork as it was read.
 *
 * @param name the node's name
 * @param generation rises with every change of the specification
 */
public record NodeNetworkRecord(
    String name,
    String uid,
    String resourceVersion,
    long generation,
    NodeNetworkSpec spec,
    NodeNetworkStatus status) {

  static final ObjectMapper JSON =
      new ObjectMapper().configure(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES, false);

  private static final NodeNetworkSpec NO_SPEC =
      new NodeNetworkSpec(null, null, null, null, null, null);
  private static final NodeNetworkStatus NO_STATUS = new NodeNetworkStatus(null, null, null);

  /** Decodes for a watch. */
  public static RecordDecoder<NodeNetworkRecord> decoder() {
    return object -> of(object.wholeTree());
  }

  /**
   * @throws IOException if a field has another type than the CRD declares
   */
  static NodeNetworkRecord of(JsonNode object) throws IOException {
    JsonNode metadata = object.path("metadata");
    try {
      return new NodeNetworkRecord(
          metadata.path("name").asText(),
          metadata.path("uid").asText(),
          metadata.path("resourceVersion").asText(),
          metadata.path("generation").asLong(),
          object.has("spec")
              ? JSON.treeToValue(object.path("spec"), NodeNetworkSpec.class)
              : NO_SPEC,
          object.has("status")
              ? JSON.treeToValue(object.path("status"), NodeNetworkStatus.class)
              : NO_STATUS);
    } catch (JsonProcessingException e) {
      throw new IOException(
          "NodeNetwork " + metadata.path("name").asText() + " does not fit its schema", e);
    }
  }
}
