package io.portolan.node;

import io.portolan.node.install.InstallSettings;
import io.portolan.node.install.Installation;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What the agent puts into the node's CNI directories. */
final class InstallOptions {
  @Option(
      names = "--cni-install",
      paramLabel = "FILE",
      description =
          "CNI configuration to put into --cni-conf-dir, last of all, once pods can have a network;"
              + " it is taken away when the DaemonSet is deleted. Default: none is put.")
  private @Nullable Path conflist;

  @Option(
      names = "--cni-shim",
      paramLabel = "FILE",
      defaultValue = "/opt/portolan/cni/portolan-cni",
      description = "The plugin to put into --cni-bin-dir with it. Default: ${DEFAULT-VALUE}.")
  private Path shim = Path.of("");

  @Option(
      names = "--cni-bin-dir",
      paramLabel = "DIR",
      defaultValue = "/opt/cni/bin",
      description = "Where the runtime looks for plugins. Default: ${DEFAULT-VALUE}.")
  private Path binDirectory = Path.of("");

  @Option(
      names = "--cni-conf-dir",
      paramLabel = "DIR",
      defaultValue = "/etc/cni/net.d",
      description = "Where the runtime looks for configurations. Default: ${DEFAULT-VALUE}.")
  private Path confDirectory = Path.of("");

  @Option(
      names = "--daemon-set",
      paramLabel = "NAMESPACE/NAME",
      description = "The DaemonSet of the agent; --cni-install needs it.")
  private @Nullable String daemonSet;

  @Option(
      names = "--startup-taint",
      paramLabel = "KEY",
      description =
          "With --cni-install: taint to take from the node when pods can have a network."
              + " Default: none.")
  private @Nullable String startupTaint;

  /**
   * Empty if nothing is to be put.
   *
   * @throws IllegalArgumentException if something is missing; the message names the option
   */
  Optional<InstallSettings> settings() {
    if (conflist == null) {
      return Optional.empty();
    }
    if (daemonSet == null) {
      throw new IllegalArgumentException("--cni-install needs --daemon-set NAMESPACE/NAME");
    }
    readable("--cni-install", conflist);
    readable("--cni-shim", shim);
    Installation installation;
    try {
      installation = Installation.parse(daemonSet);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("--daemon-set: " + e.getMessage(), e);
    }
    return Optional.of(
        new InstallSettings(
            installation,
            conflist,
            shim,
            binDirectory,
            confDirectory,
            Optional.ofNullable(startupTaint).filter(key -> !key.isBlank())));
  }

  private static void readable(String option, Path file) {
    if (!Files.isReadable(file)) {
      throw new IllegalArgumentException(option + ": " + file + " cannot be read");
    }
  }
}
