package io.portolan.node.agent;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.portolan.common.api.v1alpha1.NodeNetworkSpec;
import io.portolan.common.api.v1alpha1.NodeNetworkStatus;
import io.portolan.node.journal.DurableFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The last supply and the answers given to it, in a file, so that an agent that starts without an
 * API server can serve pods and does not give out what it has given back.
 *
 * <p>Crash order: written and synced before an answer is published. An answer that was written and
 * never published costs a block its use until the mark is renewed or gone; one published and not
 * written could put one address on two machines.
 */
final class SupplyCache {
  private static final JsonMapper MAPPER =
      JsonMapper.builder().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();

  private final Path file;

  SupplyCache(Path stateDirectory) {
    this.file = stateDirectory.resolve("supply.json");
  }

  /** The content of the file. */
  record Content(
      NodeNetworkStatus.Supply supply,
      NodeNetworkSpec.@Nullable Pods pods,
      List<NodeNetworkStatus.Release> answers) {}

  /** Empty if there is none yet, or it is damaged: then the API server is asked. */
  Optional<Content> read() {
    try {
      return Files.exists(file)
          ? Optional.of(MAPPER.readValue(file.toFile(), Content.class))
          : Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /**
   * @throws IOException if it is not on disk for sure; the file has the old content or the new one
   */
  void write(Content content) throws IOException {
    DurableFile.replace(file, MAPPER.writeValueAsBytes(content));
  }
}
