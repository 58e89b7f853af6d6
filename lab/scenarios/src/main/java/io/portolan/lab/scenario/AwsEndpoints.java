package io.portolan.lab.scenario;

import io.portolan.common.net.IpAddress;
import io.portolan.linux.netns.NetworkNamespace;
import io.portolan.sim.ec2.Ec2SimulatorServer;
import io.portolan.sim.ec2.Ec2World;
import io.portolan.sim.ec2.VpcView;
import io.portolan.sim.ec2.model.Attachment;
import io.portolan.sim.ec2.model.NetworkInterface;
import io.portolan.sim.ec2.model.ResourceId;
import io.portolan.sim.imds.ImdsServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.Optional;

/** The cloud's two network services: EC2 for the controller, instance metadata for the nodes. */
final class AwsEndpoints implements AutoCloseable {
  private final Ec2SimulatorServer ec2;
  private final ImdsServer metadata;

  private AwsEndpoints(Ec2SimulatorServer ec2, ImdsServer metadata) {
    this.ec2 = ec2;
    this.metadata = metadata;
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
    return new AwsEndpoints(ec2, metadata(world, fabric, metadataAddress));
  }

  /** Instance metadata alone. */
  static ImdsServer metadata(Ec2World world, NetworkNamespace fabric, IpAddress at)
      throws IOException {
    InetSocketAddress address = new InetSocketAddress(at.toInetAddress(), 80);
    return fabric.<ImdsServer, IOException>call(
        () -> ImdsServer.start(address, world, source -> instance(world.view(), source)));
  }

  private static Optional<ResourceId> instance(VpcView view, InetAddress source) {
    return view.owner(view.vpcs().getFirst().id(), IpAddress.of(source))
        .flatMap(NetworkInterface::attachment)
        .map(Attachment::instance);
  }

  /** Base URL of the EC2 API, for {@code --ec2-endpoint}. */
  URI ec2() {
    return ec2.endpoint();
  }

  @Override
  public void close() {
    ec2.close();
    metadata.close();
  }
}
