package io.portolan.sim.kube;

import io.portolan.sim.kube.schema.Shape;
import io.portolan.sim.kube.schema.StructuralSchema;
import java.util.List;
import java.util.Optional;

/**
 * One kind of object under one API version.
 *
 * @param group empty for the core group
 * @param plural as in URLs
 * @param shortNames such as {@code po}
 * @param status whether it has a status subresource
 * @param generation whether {@code metadata.generation} counts changes of the specification
 * @param upsert whether PUT creates a missing object
 * @param shape how values merge and are owned
 * @param strategicShape how strategic merge patch sees lists; empty if it is not supported
 * @param schema present for custom resources
 */
public record ResourceType(
    String group,
    String version,
    String kind,
    String plural,
    List<String> shortNames,
    boolean namespaced,
    boolean status,
    boolean generation,
    boolean upsert,
    Shape shape,
    Optional<Shape> strategicShape,
    Optional<StructuralSchema> schema) {

  public ResourceType {
    shortNames = List.copyOf(shortNames);
  }

  public String apiVersion() {
    return group.isEmpty() ? version : group + "/" + version;
  }

  /** Plural and group, the same for every version: {@code networkpolicies.networking.k8s.io}. */
  public String groupResource() {
    return group.isEmpty() ? plural : plural + "." + group;
  }

  /** Whether its objects define resources. */
  boolean isCrd() {
    return !isCustom() && kind.equals("CustomResourceDefinition");
  }

  /** Whether its objects hold others. */
  boolean isNamespace() {
    return !isCustom() && kind.equals("Namespace");
  }

  public boolean isCustom() {
    return schema.isPresent();
  }
}
