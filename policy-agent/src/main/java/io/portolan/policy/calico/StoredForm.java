package io.portolan.policy.calico;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.portolan.common.kube.ResourcePath;
import java.util.Set;

/**
 * Objects as Calico stores them in a cluster (crd.projectcalico.org/v1), in the form of the API
 * that people use (projectcalico.org/v3).
 *
 * <p>The specs are the same. Labels, annotations and the name of a policy are in an annotation;
 * where an older release left the name out, a policy of the default tier is stored as {@code
 * default.NAME}. (ConvertK8sResourceToCalicoResource of libcalico-go.)
 */
public final class StoredForm {
  /** The {@code apiVersion} of stored objects. */
  public static final String API_VERSION = "crd.projectcalico.org/v1";

  private static final String METADATA = "projectcalico.org/metadata";
  private static final String DEFAULT_PREFIX = "default.";
  private static final Set<String> TIERED =
      Set.of(
          "NetworkPolicy",
          "GlobalNetworkPolicy",
          "StagedNetworkPolicy",
          "StagedGlobalNetworkPolicy");
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Beside the metadata of an object that was stored, as which it was. */
  private static final String STORED_AS = "storedAs";

  private StoredForm() {}

  /** The API and name under which an object can be found. */
  public record Existing(String apiVersion, String name) {}

  /**
   * @param object as people use it, of {@link #used} or as the API shows it
   * @param apiVersion of one that the API shows; items of a list do not say it
   */
  public static Existing existing(JsonNode object, String apiVersion) {
    JsonNode storedAs = object.path(STORED_AS);
    return storedAs.isTextual()
        ? new Existing(API_VERSION, storedAs.asText())
        : new Existing(apiVersion, object.path("metadata").path("name").asText(""));
  }

  /** Where what is used under a path is stored. */
  public static ResourcePath path(ResourcePath used) {
    int slash = API_VERSION.indexOf('/');
    return new ResourcePath(
        API_VERSION.substring(0, slash), API_VERSION.substring(slash + 1), used.plural());
  }

  /**
   * @param kind of the object, which items of a list do not say
   * @param object left as it is
   */
  public static JsonNode used(String kind, JsonNode object) {
    if (!(object instanceof ObjectNode whole) || !object.path("metadata").isObject()) {
      return object;
    }
    ObjectNode used = whole.deepCopy();
    used.put("apiVersion", CalicoKinds.API_VERSION);
    used.put(STORED_AS, object.path("metadata").path("name").asText(""));
    ObjectNode metadata = (ObjectNode) used.path("metadata");
    JsonNode kept = kept(metadata);
    for (String map : new String[] {"labels", "annotations"}) {
      if (kept.path(map).isObject()) {
        metadata.withObjectProperty(map).setAll((ObjectNode) kept.path(map));
      }
    }
    if (TIERED.contains(kind)) {
      String stored = metadata.path("name").asText("");
      String tier = used.path("spec").path("tier").asText("");
      boolean prefixed =
          (tier.isEmpty() || tier.equals("default") || tier.equals("null"))
              && stored.startsWith(DEFAULT_PREFIX);
      metadata.put(
          "name",
          kept.path("name").asText(prefixed ? stored.substring(DEFAULT_PREFIX.length()) : stored));
    }
    return used;
  }

  /** The annotation, which is taken out. */
  private static JsonNode kept(ObjectNode metadata) {
    if (!(metadata.path("annotations") instanceof ObjectNode annotations)) {
      return MissingNode.getInstance();
    }
    JsonNode text = annotations.remove(METADATA);
    try {
      return text == null ? MissingNode.getInstance() : JSON.readTree(text.asText());
    } catch (JsonProcessingException e) {
      // Not of Calico's making: what the object shows itself is all there is.
      return MissingNode.getInstance();
    }
  }
}
