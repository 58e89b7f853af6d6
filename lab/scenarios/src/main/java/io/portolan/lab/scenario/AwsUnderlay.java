package io.portolan.lab.scenario;

import io.portolan.common.net.IpAddress;
import io.portolan.lab.fabric.CloudPorts;
import io.portolan.lab.fabric.Fabric;
import io.portolan.linux.netns.NetworkNamespace;
import io.portolan.sim.ec2.Ec2SimulatorServer;
import io.portolan.sim.time.RealTime;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A simulated EC2 under machines that somebody else runs, such as nodes with real kubelets: it
 * carries their interfaces into their network namespaces.
 *
 * <p>The fabric is the calling thread's network namespace. EC2 listens there, and instance
 * metadata; whatever else listens there is reached by the machines at the addresses {@code
 * servers}.
 */
public final class AwsUnderlay implements AutoCloseable {
  private static final IpAddress METADATA = IpAddress.parse("169.254.169.254");

  private final RealTime time = new RealTime();
  private final AwsAccount account;
  private final Fabric fabric;
  private final Ec2SimulatorServer ec2;
  private final AutoCloseable metadata;
  private final List<NetworkNamespace> machines = new ArrayList<>();

  private AwsUnderlay(long seed, List<IpAddress> servers, InetSocketAddress ec2Address)
      throws IOException {
    account = AwsAccount.create(seed, time);
    NetworkNamespace namespace = NetworkNamespace.current();
    fabric = Fabric.start(namespace);
    fabric.serveAt(METADATA);
    servers.forEach(fabric::serveAt);
    ec2 = Ec2SimulatorServer.serve(account.world(), ec2Address, true);
    metadata = AwsEndpoints.metadata(account.world(), namespace, METADATA);
    account.world().subscribe(view -> fabric.follow(CloudPorts.of(view)));
  }

  /**
   * @param seed the same seed and calls give the same names of things
   * @param servers addresses of the fabric that machines reach
   * @param ec2Address where EC2 listens
   * @throws IOException if an address cannot be listened at
   */
  public static AwsUnderlay start(long seed, List<IpAddress> servers, InetSocketAddress ec2Address)
      throws IOException {
    return new AwsUnderlay(seed, servers, ec2Address);
  }

  /**
   * A machine that runs.
   *
   * @param providerId as its Node has it
   * @param address of its primary interface
   */
  public record Booted(String providerId, IpAddress address) {}

  /**
   * Runs an instance whose interfaces appear in a namespace; the primary one is configured.
   *
   * @param type instance type, such as {@code t3.medium}
   * @param subnet {@code a} or {@code b}
   */
  public Booted boot(String name, String type, String subnet, Path namespace) {
    AwsAccount.Machine machine = account.runInstance(name, type, subnet);
    NetworkNamespace opened = NetworkNamespace.open(namespace);
    machines.add(opened);
    fabric.addMachine(machine.instanceId(), opened);
    MachineBoot.configurePrimary(opened, machine);
    return new Booted("aws:///" + machine.zone() + "/" + machine.instanceId(), machine.address());
  }

  @Override
  public void close() throws Exception {
    ec2.close();
    metadata.close();
    fabric.close();
    machines.forEach(NetworkNamespace::close);
    time.close();
  }
}
