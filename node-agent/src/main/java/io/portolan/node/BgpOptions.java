package io.portolan.node;

import io.portolan.calico.node.CalicoRouting;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Whether this node speaks BGP, and by which program. */
final class BgpOptions {
  @Option(
      names = "--bird",
      paramLabel = "FILE",
      description =
          "BIRD 2, to announce Calico's blocks and Services by BGP as BGPConfiguration, BGPPeers"
              + " and BGPFilters say. Default: no BGP.")
  private @Nullable Path bird;

  @Option(
      names = "--bgp-secret-namespace",
      paramLabel = "NAME",
      defaultValue = "kube-system",
      description = "Where Secrets with BGP passwords are. Default: ${DEFAULT-VALUE}.")
  private String secretNamespace = "";

  /**
   * BIRD, if it is wanted.
   *
   * @param runDirectory files of this boot
   */
  Optional<CalicoRouting.Bird> bird(Path runDirectory) {
    return Optional.ofNullable(bird)
        .map(program ->
            new CalicoRouting.Bird(program, runDirectory.resolve("bird"), secretNamespace));
  }
}
