package io.portolan.sim.ec2.model;

/**
 * Which free address a request without a wish gets. AWS does not document it.
 *
 * @see SubnetSpace
 */
public enum AddressOrder {
  /** The lowest: easy to read, and kind to /28 prefixes. */
  LOWEST,
  /** Any, drawn from the seed: fragments a subnet as fast as an unlucky one would. */
  SCATTERED
}
