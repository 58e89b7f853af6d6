package io.portolan.common.api.v1alpha1;

import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Version;

/**
 * The networking option of a set of nodes. Cluster-scoped; the profile named {@code default} serves
 * every node that no other profile's {@code nodeSelector} matches.
 */
@Group("portolan.io")
@Version("v1alpha1")
@ShortNames("netprofile")
public final class NetworkProfile extends CustomResource<NetworkProfileSpec, Void> {
  private static final long serialVersionUID = 1;
}
