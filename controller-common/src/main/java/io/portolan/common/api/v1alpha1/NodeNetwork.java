package io.portolan.common.api.v1alpha1;

import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Version;

/**
 * What the cloud gave one node, and what the node makes of it. Cluster-scoped, named as the node.
 *
 * <p>Two writers, disjoint fields, one server-side-apply field manager each: the cloud controller
 * ({@code portolan-controller}) owns {@code spec} and {@code status.supply} and its condition
 * types; the node agent ({@code portolan-agent}) owns {@code status.use} and its condition types.
 * Nothing is written per pod.
 */
@Group("portolan.io")
@Version("v1alpha1")
@ShortNames("nn")
@AdditionalPrinterColumn(name = "Type", jsonPath = ".spec.instanceType")
@AdditionalPrinterColumn(name = "Zone", jsonPath = ".spec.zone")
@AdditionalPrinterColumn(
    name = "Capacity",
    jsonPath = ".status.supply.counts.capacity",
    type = AdditionalPrinterColumn.Type.INTEGER)
@AdditionalPrinterColumn(
    name = "Assigned",
    jsonPath = ".status.supply.counts.assigned",
    type = AdditionalPrinterColumn.Type.INTEGER)
@AdditionalPrinterColumn(
    name = "Demand",
    jsonPath = ".status.supply.counts.demand",
    type = AdditionalPrinterColumn.Type.INTEGER)
@AdditionalPrinterColumn(name = "Ready", jsonPath = ".status.conditions[?(@.type=='Ready')].status")
@AdditionalPrinterColumn(
    name = "Age",
    jsonPath = ".metadata.creationTimestamp",
    type = AdditionalPrinterColumn.Type.DATE)
public final class NodeNetwork extends CustomResource<NodeNetworkSpec, NodeNetworkStatus> {
  private static final long serialVersionUID = 1;
}
