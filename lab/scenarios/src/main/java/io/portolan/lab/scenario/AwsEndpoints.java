package io.portolan.lab.scenario;

import io.portolan.common.net.IpAddress;
import io.portolan.linux.netns.NetworkNamespace;
import io.portolan.sim.ec2.Ec2SimulatorServer;
import io.portolan.sim.ec2.Ec2World;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;

/** The cloud's two network services: EC2 for the controller, instance metadata for the nodes. */
final class AwsEndpoints implements AutoCloseable {
  private final Ec2SimulatorServer ec2;

  private AwsEndpoints(Ec2SimulatorServer ec2) {
    this.ec2 = ec2;
  }

  /**
   * @param fabric where nodes reach the metadata service
   * @param metadataAddress at which address
   */
  static AwsEndpoints start(Ec2World world, NetworkNamespace fabric, IpAddress metadataAddress)
      throws IOException {
    Ec2SimulatorServer ec2 =
        Ec2SimulatorServer.serve(
            world, new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), true);
    return new AwsEndpoints(ec2);
  }

  /** Base URL of the EC2 API, for {@code --ec2-endpoint}. */
  URI ec2() {
    return ec2.endpoint();
  }

  @Override
  public void close() {
    ec2.close();
  }
}
