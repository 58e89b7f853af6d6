/**
 * The network under the nodes: one namespace that forwards what the simulated cloud has assigned to
 * an attached interface, and drops everything else, as a VPC does.
 *
 * <p>{@link io.portolan.lab.fabric.FabricState} is pure: what the fabric's kernel should hold for a
 * view of the cloud. {@link io.portolan.lab.fabric.Fabric} brings the kernel there, change by
 * change. Not modelled: security groups, network ACLs, bandwidth, jumbo-frame limits between
 * regions, the one-to-one translation of an internet gateway (outside hosts see a node's private
 * address).
 */
@NullMarked
package io.portolan.lab.fabric;

import org.jspecify.annotations.NullMarked;
