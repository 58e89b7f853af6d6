package io.portolan.sim.ec2;

import io.portolan.common.net.IpAddress;
import io.portolan.sim.ec2.model.Ec2State;
import io.portolan.sim.ec2.model.Instance;
import io.portolan.sim.ec2.model.NetworkInterface;
import io.portolan.sim.ec2.model.ResourceId;
import io.portolan.sim.ec2.model.Subnet;
import io.portolan.sim.ec2.model.Vpc;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;

/**
 * All that exists at one moment, as whoever forwards packets needs to know it. Immutable.
 *
 * @param revision grows with every change
 */
public record VpcView(long revision, Ec2State state) {
  public List<Vpc> vpcs() {
    return state.vpcs();
  }

  public List<Subnet> subnets() {
    return state.subnets();
  }

  /** All instances, terminated ones included for an hour. */
  public List<Instance> instances() {
    return state.instances();
  }

  public List<NetworkInterface> interfaces() {
    return state.interfaces();
  }

  public Optional<Subnet> subnet(ResourceId id) {
    return state.find(id).map(Subnet.class::cast);
  }

  public Optional<Instance> instance(ResourceId id) {
    return state.find(id).map(Instance.class::cast);
  }

  public Optional<NetworkInterface> networkInterface(ResourceId id) {
    return state.find(id).map(NetworkInterface.class::cast);
  }

  /** The interfaces through which an instance sends and receives, by card and device index. */
  public List<NetworkInterface> attachedTo(ResourceId instance) {
    return state.interfacesOf(instance).stream().filter(NetworkInterface::isAttached).toList();
  }

  /** Which interface of a VPC an address is assigned to, on its own or inside a prefix. */
  public Optional<NetworkInterface> owner(ResourceId vpc, IpAddress address) {
    return state.owner(vpc, address);
  }

  /** The tags of a thing, by key. */
  public SortedMap<String, String> tags(ResourceId id) {
    return state.tags(id);
  }
}
