package io.portolan.policy.agent;

import io.portolan.linux.netns.NetworkNamespace;
import io.portolan.linux.nft.kernel.KernelNftTables;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A node as a network namespace, gone with the test. */
final class NetworkLab implements AutoCloseable {
  private final NetworkNamespace node = NetworkNamespace.anonymous();
  private final List<Runnable> atEnd = new ArrayList<>();

  NetworkLab() {
    run(node, "ip", "link", "set", "lo", "up");
  }

  NetworkNamespace node() {
    return node;
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
