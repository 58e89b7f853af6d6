package io.portolan.images;

import java.nio.file.Path;
import java.util.List;

/**
 * What is in an image and how it is run.
 *
 * @param reference the name it is imported under, such as {@code portolan.local/node:0.1.0}
 * @param title one line for people
 * @param architecture as Go and OCI name it: {@code amd64}, {@code arm64}
 * @param user numeric user and group, such as {@code 65532:65532}
 * @param entrypoint program and arguments
 * @param layers from the bottom to the top; what changes least comes first, so that images share it
 */
public record ImageSpec(
    String reference,
    String title,
    String architecture,
    String user,
    List<String> entrypoint,
    List<Layer> layers) {
  public ImageSpec {
    entrypoint = List.copyOf(entrypoint);
    layers = List.copyOf(layers);
    if (!user.matches("[0-9]+:[0-9]+")) {
      throw new IllegalArgumentException(
          "user '" + user + "' is not UID:GID; a kubelet checks runAsNonRoot against numbers only");
    }
  }

  /**
   * One layer.
   *
   * @param name for people, in the image's history
   * @param root a directory whose contents appear at {@code /}
   */
  public record Layer(String name, Path root) {}
}
