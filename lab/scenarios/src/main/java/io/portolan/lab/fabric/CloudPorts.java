package io.portolan.lab.fabric;

import io.portolan.sim.ec2.VpcView;
import io.portolan.sim.ec2.model.NetworkInterface;
import io.portolan.sim.ec2.model.Subnet;
import java.util.ArrayList;
import java.util.List;

/** The cables of a simulated EC2. */
public final class CloudPorts {
  private CloudPorts() {}

  /** Every attached interface of every machine. */
  public static List<Port> of(VpcView view) {
    List<Port> ports = new ArrayList<>();
    for (NetworkInterface eni : view.interfaces()) {
      if (eni.isAttached()) {
        Subnet subnet = view.subnet(eni.subnet()).orElseThrow();
        ports.add(
            new Port(
                eni.id().toString(),
                eni.attachment().orElseThrow().instance().toString(),
                eni.attachment().orElseThrow().deviceIndex(),
                eni.mac(),
                eni.primaryAddress(),
                eni.addresses().ipv4Blocks(),
                subnet.ipv4().address(1), // "base plus one": VPC user guide, subnet sizing
                eni.sourceDestCheck()));
      }
    }
    return ports;
  }
}
