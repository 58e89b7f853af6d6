package io.portolan.sim.ec2.model;

import io.portolan.common.net.Cidr;

/** A block that belongs to a VPC or, for IPv6, to a subnet. */
public record CidrAssociation(String id, Cidr block) {}
