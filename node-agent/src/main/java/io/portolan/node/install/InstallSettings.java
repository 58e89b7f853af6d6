package io.portolan.node.install;

import java.nio.file.Path;
import java.util.Optional;

/**
 * What is put where.
 *
 * @param installation in whose name
 * @param conflist the configuration list to be put; it keeps its file name
 * @param shim the plugin to be put
 * @param binDirectory where the runtime looks for plugins
 * @param confDirectory where the runtime looks for configurations
 * @param startupTaint key of the taint that the node loses when its pods can have a network
 */
public record InstallSettings(
    Installation installation,
    Path conflist,
    Path shim,
    Path binDirectory,
    Path confDirectory,
    Optional<String> startupTaint) {
  String fileName() {
    return conflist.getFileName().toString();
  }

  Path installedConflist() {
    return confDirectory.resolve(fileName());
  }

  Path installedShim() {
    return binDirectory.resolve(ConfigFile.PLUGIN);
  }
}
