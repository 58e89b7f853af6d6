package io.portolan.sim.ec2.model;

import java.util.List;

/**
 * What an instance type allows on the network.
 *
 * @param hypervisor {@code nitro}, {@code xen} or {@code metal}
 * @param ipv4PerInterface address slots of an interface: its primary address, its secondary
 *     addresses and its prefixes take one each
 * @param ipv6PerInterface the same for IPv6; 0 if the type has none
 * @param defaultCard the card an interface goes to when none is named
 * @param interfacesPerCard how many interfaces each network card takes
 */
public record InstanceType(
    String name,
    String hypervisor,
    String architecture,
    int vcpus,
    int memoryMib,
    int ipv4PerInterface,
    int ipv6PerInterface,
    int defaultCard,
    List<Integer> interfacesPerCard) {
  public InstanceType {
    interfacesPerCard = List.copyOf(interfacesPerCard);
  }

  /** EC2 user guide: prefixes can be assigned to interfaces of Nitro-based instances only. */
  public boolean takesPrefixes() {
    return !hypervisor.equals("xen");
  }

  public boolean isBareMetal() {
    return hypervisor.equals("metal");
  }

  public int interfaces() {
    return interfacesPerCard.stream().mapToInt(Integer::intValue).sum();
  }
}
