package io.portolan.cli;

import io.portolan.sim.ec2.Ec2Behavior;
import io.portolan.sim.ec2.Ec2ServerOptions;
import io.portolan.sim.ec2.Ec2SimulatorServer;
import io.portolan.sim.ec2.Ec2World;
import io.portolan.sim.time.RealTime;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code portolan sim aws}. */
@Command(
    name = "aws",
    mixinStandardHelpOptions = true,
    description = {
      "EC2's Query API (ENIs, addresses, prefixes, instances, VPCs) on HTTP, strict about limits"
          + " and errors.",
      "Any EC2 client works: aws --endpoint-url http://127.0.0.1:4566 ec2 describe-vpcs"
    },
    footer = {"", "What is modelled and what not: docs/simulators/ec2.md"})
final class SimAwsCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(
      names = "--port",
      defaultValue = "4566",
      description = "TCP port; 0 for any free one (default: ${DEFAULT-VALUE}).")
  private int port;

  @Option(
      names = "--address",
      defaultValue = "127.0.0.1",
      description =
          "Address to listen on (default: ${DEFAULT-VALUE}). There is no real authentication: keep"
              + " it local.")
  private InetAddress address = InetAddress.getLoopbackAddress();

  @Option(
      names = "--region",
      defaultValue = "us-east-1",
      description = "Name of the region it plays (default: ${DEFAULT-VALUE}).")
  private String region = "us-east-1";

  @Option(
      names = "--seed",
      paramLabel = "NUMBER",
      defaultValue = "1",
      description =
          "The same seed and calls give the same ids and delays (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Option(
      names = "--topology",
      paramLabel = "FILE",
      description = "YAML or JSON: VPCs, subnets, groups and instances to begin with.")
  private @Nullable Path topology;

  @Option(
      names = "--realistic",
      description =
          "Attach and detach delays, stale reads and request throttling as in the real EC2; without"
              + " it the simulator is prompt.")
  private boolean realistic;

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (port < 0 || port > 65535) {
      throw new ParameterException(
          spec.commandLine(), "--port must be from 0 to 65535, not " + port);
    }
    if (topology != null && !Files.isReadable(topology)) {
      throw new ParameterException(
          spec.commandLine(), "--topology " + topology + ": there is no such file to read");
    }
    Ec2ServerOptions options =
        Ec2ServerOptions.loopback(port, new RealTime())
            .withAddress(new InetSocketAddress(address, port))
            .withWorld(Ec2World.Options.DEFAULT.withSeed(seed).withRegion(region))
            .withBehavior(realistic ? Ec2Behavior.REALISTIC : Ec2Behavior.PROMPT);
    if (topology != null) {
      options = options.withTopology(topology);
    }
    try (Ec2SimulatorServer server = Ec2SimulatorServer.start(options)) {
      System.out.println("EC2 of " + region + " at " + server.endpoint() + " (Ctrl-C ends it)");
      System.out.flush();
      Thread.currentThread().join();
    }
    return 0;
  }
}
