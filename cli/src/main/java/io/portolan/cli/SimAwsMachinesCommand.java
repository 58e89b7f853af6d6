package io.portolan.cli;

import io.portolan.common.net.IpAddress;
import io.portolan.lab.scenario.AwsUnderlay;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code portolan sim aws-machines}. */
@Command(
    name = "aws-machines",
    mixinStandardHelpOptions = true,
    description = {
      "EC2 with machines that others run: its interfaces are cables from this network namespace,"
          + " which routes as a VPC does, to those of the machines. Needs root.",
      "Prints a line for each machine when it can be reached: NAME PROVIDER-ID ADDRESS."
    })
final class SimAwsMachinesCommand implements Callable<Integer> {
  @Option(
      names = "--machine",
      required = true,
      paramLabel = "NAME=NAMESPACE",
      description = "A machine and the file of its network namespace; may be repeated.")
  private Map<String, Path> machines = new TreeMap<>();

  @Option(
      names = "--type",
      defaultValue = "t3.medium",
      description = "Instance type of the machines (default: ${DEFAULT-VALUE}).")
  private String type = "";

  @Option(
      names = "--serve-at",
      paramLabel = "ADDRESS",
      description = "Addresses at which machines reach what listens in this namespace.")
  private List<String> servers = List.of();

  @Option(
      names = "--port",
      defaultValue = "4566",
      description = "TCP port of EC2 (default: ${DEFAULT-VALUE}).")
  private int port;

  @Option(
      names = "--seed",
      paramLabel = "NUMBER",
      defaultValue = "1",
      description = "The same seed gives the same ids (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Override
  public Integer call() throws Exception {
    try (AwsUnderlay underlay =
        AwsUnderlay.start(
            seed, servers.stream().map(IpAddress::parse).toList(), new InetSocketAddress(port))) {
      // Both of its zones are used in turn.
      String subnet = "a";
      for (Map.Entry<String, Path> machine : new TreeMap<>(machines).entrySet()) {
        AwsUnderlay.Booted booted =
            underlay.boot(machine.getKey(), type, subnet, machine.getValue());
        subnet = subnet.equals("a") ? "b" : "a";
        System.out.println(machine.getKey() + " " + booted.providerId() + " " + booted.address());
      }
      System.out.flush();
      Thread.currentThread().join();
    }
    return 0;
  }
}
