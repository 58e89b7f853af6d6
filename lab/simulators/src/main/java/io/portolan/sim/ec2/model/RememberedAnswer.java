package io.portolan.sim.ec2.model;

/** What was answered under a client token. Only the operation that answered looks inside. */
public interface RememberedAnswer {}
