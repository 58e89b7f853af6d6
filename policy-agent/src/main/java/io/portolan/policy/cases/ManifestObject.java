package io.portolan.policy.cases;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * An object of the API as it was found.
 *
 * @param where for messages, such as {@code shop.yaml: line 12}
 */
public record ManifestObject(String where, JsonNode object) {}
