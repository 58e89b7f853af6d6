package io.portolan.common.api.v1alpha1;

import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.generator.annotation.ValidationRule;
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
@ValidationRule(
    value =
        "self.metadata.name == 'default' ? !has(self.spec.nodeSelector) :"
            + " has(self.spec.nodeSelector) && size(self.spec.nodeSelector) > 0",
    message =
        "spec.nodeSelector: the profile named default serves every node that no other matches and"
            + " has none; any other needs one")
@AdditionalPrinterColumn(name = "IPAM", jsonPath = ".spec.ipam")
@AdditionalPrinterColumn(name = "Overlay", jsonPath = ".spec.overlay.mode")
@AdditionalPrinterColumn(name = "SpillOver", jsonPath = ".spec.spillOver")
@AdditionalPrinterColumn(
    name = "Age",
    jsonPath = ".metadata.creationTimestamp",
    type = AdditionalPrinterColumn.Type.DATE)
public final class NetworkProfile extends CustomResource<NetworkProfileSpec, Void> {
  private static final long serialVersionUID = 1;
}
