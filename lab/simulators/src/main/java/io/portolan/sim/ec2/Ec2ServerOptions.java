package io.portolan.sim.ec2;

import io.portolan.sim.time.SimTime;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.Optional;

/**
 * How to start an {@link Ec2SimulatorServer}.
 *
 * @param address where to listen; port 0 for any free one
 * @param time the clock; a virtual one moves only when advanced
 * @param topology a file to build the world from, see {@link TopologyLoader}
 * @param authentication whether requests must carry a SigV4 header for {@code ec2} in the region
 */
public record Ec2ServerOptions(
    InetSocketAddress address,
    Ec2World.Options world,
    SimTime time,
    Optional<Path> topology,
    Ec2Behavior behavior,
    boolean authentication) {

  /** An empty, prompt world on a loopback port. */
  public static Ec2ServerOptions loopback(int port, SimTime time) {
    return new Ec2ServerOptions(
        new InetSocketAddress(InetAddress.getLoopbackAddress(), port),
        Ec2World.Options.DEFAULT,
        time,
        Optional.empty(),
        Ec2Behavior.PROMPT,
        true);
  }

  public Ec2ServerOptions withAddress(InetSocketAddress changed) {
    return new Ec2ServerOptions(changed, world, time, topology, behavior, authentication);
  }

  public Ec2ServerOptions withWorld(Ec2World.Options changed) {
    return new Ec2ServerOptions(address, changed, time, topology, behavior, authentication);
  }

  public Ec2ServerOptions withTopology(Path changed) {
    return new Ec2ServerOptions(
        address, world, time, Optional.of(changed), behavior, authentication);
  }

  public Ec2ServerOptions withBehavior(Ec2Behavior changed) {
    return new Ec2ServerOptions(address, world, time, topology, changed, authentication);
  }
}
