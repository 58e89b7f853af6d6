package io.portolan.sim.ec2.model;

/**
 * A VPC's main route table, whose routes are the VPC's own blocks.
 *
 * @param mainAssociation the id by which it is the VPC's main table
 */
public record RouteTable(ResourceId id, ResourceId vpc, String mainAssociation)
    implements Resource {}
