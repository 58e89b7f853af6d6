package io.portolan.policy.agent;

import io.portolan.common.net.IpAddress;
import io.portolan.linux.netns.NetworkNamespace;
import io.portolan.linux.nft.kernel.KernelNftTables;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A node as a network namespace, gone with the test. */
final class NetworkLab implements AutoCloseable {
  private final NetworkNamespace node = NetworkNamespace.anonymous();
  private final List<Runnable> atEnd = new ArrayList<>();

  private Optional<Path> directory = Optional.empty();
  private int hosts;

  NetworkLab() {
    run(
        node,
        "sh",
        "-c",
        "ip link set lo up && sysctl -q -w net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1"
            + " net.ipv6.conf.default.accept_dad=0");
  }

  /** Attaches a namespace as pods are: a veth, single addresses, permanent neighbours. */
  Host attach(String hostInterface, List<IpAddress> addresses) {
    NetworkNamespace namespace = NetworkNamespace.anonymous();
    atEnd(namespace::close);
    String mac = String.format("02:00:00:00:%02x:%02x", ++hosts >> 8, hosts & 255);
    StringBuilder outside = new StringBuilder();
    StringBuilder inside = new StringBuilder("set -e\nip link set lo up\n");
    inside.append("sysctl -q -w net.ipv6.conf.all.accept_dad=0 net.ipv6.conf.eth0.accept_dad=0\n");
    outside.append("set -e\nip link add ").append(hostInterface);
    outside.append(" address ee:ee:ee:ee:ee:ee type veth peer name eth0 address ").append(mac);
    outside.append(" netns ").append(namespace.descriptorPath()).append("\n");
    outside.append("ip link set ").append(hostInterface).append(" up\n");
    outside.append("ip addr replace fe80::1/128 dev ").append(hostInterface).append(" nodad\n");
    inside.append("ip link set eth0 up\n");
    for (IpAddress address : addresses) {
      String six = address.isIpv4() ? "" : "-6 ";
      String gateway = address.isIpv4() ? "169.254.1.1" : "fe80::1";
      inside.append("ip addr add ").append(address.toCidr()).append(" dev eth0 ");
      inside.append(address.isIpv4() ? "\n" : "nodad\n");
      inside.append("ip neigh replace ").append(gateway);
      inside.append(" lladdr ee:ee:ee:ee:ee:ee dev eth0 nud permanent\n");
      inside.append("ip ").append(six).append("route replace default via ").append(gateway);
      inside.append(" dev eth0 onlink\n");
      outside.append("ip ").append(six).append("route replace ").append(address.toCidr());
      outside.append(" dev ").append(hostInterface).append("\n");
      outside.append("ip neigh replace ").append(address).append(" lladdr ").append(mac);
      outside.append(" dev ").append(hostInterface).append(" nud permanent\n");
    }
    run(node, "sh", "-c", outside.toString());
    run(namespace, "sh", "-c", inside.toString());
    return new Host(namespace, hostInterface, addresses);
  }

  NetworkNamespace node() {
    return node;
  }

  /** Sockets of the node itself. */
  Host nodeAsHost() {
    return new Host(node, "lo", List.of());
  }

  /** The same, with addresses that the node has. */
  Host nodeAsHost(List<IpAddress> addresses) {
    return new Host(node, "lo", addresses);
  }

  /** A socket of its own on the node's nftables. */
  KernelNftTables tables() {
    KernelNftTables tables = KernelNftTables.open(node);
    atEnd.add(tables::close);
    return tables;
  }

  String nft(String... arguments) {
    List<String> command = new ArrayList<>(List.of("nft"));
    command.addAll(List.of(arguments));
    return run(node, command.toArray(String[]::new));
  }

  /** A namespace without a link, gone with the lab. */
  NetworkNamespace container() {
    NetworkNamespace namespace = NetworkNamespace.anonymous();
    atEnd(namespace::close);
    return namespace;
  }

  /** For files of the lab's, gone with it. */
  Path directory() {
    if (directory.isEmpty()) {
      try {
        Path made = Files.createTempDirectory("portolan-lab");
        directory = Optional.of(made);
        atEnd(() -> run(node, "rm", "-r", made.toString()));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return directory.get();
  }

  /** Runs a program in a namespace; it must succeed. */
  static String run(NetworkNamespace namespace, String... command) {
    try {
      Process process =
          namespace.call(() -> new ProcessBuilder(command).redirectErrorStream(true).start());
      process.getOutputStream().close();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (process.waitFor() != 0) {
        throw new AssertionError(List.of(command) + ": " + output);
      }
      return output;
    } catch (IOException e) {
      throw new AssertionError(List.of(command) + ": " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  /** Runs when the lab is closed, last first. */
  void atEnd(Runnable action) {
    atEnd.add(action);
  }

  @Override
  public void close() {
    atEnd.reversed().forEach(Runnable::run);
    node.close();
  }
}
