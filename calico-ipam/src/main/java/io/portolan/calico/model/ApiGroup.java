package io.portolan.calico.model;

import io.portolan.common.kube.ResourcePath;
import java.util.Arrays;
import java.util.Optional;

/**
 * Where a cluster keeps Calico's objects. The specs are the same but for details that {@link
 * ObjectKind} and the codecs know.
 */
public enum ApiGroup {
  /** The API people use, when it is served by CRDs of its own (Calico 3.32 and later). */
  PROJECT_CALICO("projectcalico.org", "v3"),
  /** What Calico stores in a cluster otherwise. */
  CRD("crd.projectcalico.org", "v1");

  private final String group;
  private final String version;

  ApiGroup(String group, String version) {
    this.group = group;
    this.version = version;
  }

  /** As objects say it, such as {@code projectcalico.org/v3}. */
  public String apiVersion() {
    return group + "/" + version;
  }

  /** Where objects of a kind are served. */
  public ResourcePath path(ObjectKind kind) {
    return new ResourcePath(group, version, kind.plural(this));
  }

  /** By its {@code apiVersion}; empty for any other. */
  public static Optional<ApiGroup> of(String apiVersion) {
    return Arrays.stream(values()).filter(g -> g.apiVersion().equals(apiVersion)).findFirst();
  }
}
