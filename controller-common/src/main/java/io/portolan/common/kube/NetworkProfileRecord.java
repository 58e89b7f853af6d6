package io.portolan.common.kube;

import com.fasterxml.jackson.databind.JsonNode;
import io.portolan.common.api.v1alpha1.NetworkProfileSpec;
import java.io.IOException;

/** A NetworkProfile as it was read. */
public record NetworkProfileRecord(String name, long generation, NetworkProfileSpec spec) {
  /** Decodes for a watch. */
  public static RecordDecoder<NetworkProfileRecord> decoder() {
    return object -> of(object.wholeTree());
  }

  private static NetworkProfileRecord of(JsonNode object) throws IOException {
    JsonNode metadata = object.path("metadata");
    return new NetworkProfileRecord(
        metadata.path("name").asText(),
        metadata.path("generation").asLong(),
        NodeNetworkRecord.JSON.treeToValue(object.path("spec"), NetworkProfileSpec.class));
  }
}
