package io.portolan.node.install;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;

/**
 * One file of a runtime's configuration directory.
 *
 * @param name without the directory
 * @param ours whether it runs {@value #PLUGIN}
 * @param installation who put it, as it says itself; empty if it does not say
 * @param content its text
 */
record ConfigFile(String name, boolean ours, Optional<String> installation, String content) {
  /** File name of the plugin, and its type in configurations. */
  static final String PLUGIN = "portolan-cni";

  /** Names the installation. Runtimes let go of keys that the specification does not have. */
  private static final String MARK = "portolanInstallation";

  private static final JsonMapper MAPPER = JsonMapper.builder().build();

  /** What is no JSON belongs to somebody else; the runtime passes it over. */
  static ConfigFile read(String name, String content) {
    JsonNode json = tree(content);
    boolean ours = json.path("type").asText().equals(PLUGIN);
    for (JsonNode plugin : json.path("plugins")) {
      ours |= plugin.path("type").asText().equals(PLUGIN);
    }
    String mark = json.path(MARK).asText();
    return new ConfigFile(
        name, ours, mark.isEmpty() ? Optional.empty() : Optional.of(mark), content);
  }

  /**
   * The file to be put: {@code content} with the installation's mark.
   *
   * @throws IllegalArgumentException if {@code content} does not run the plugin
   */
  static ConfigFile of(String name, String content, Installation installation) {
    if (!(tree(content) instanceof ObjectNode json) || !read(name, content).ours()) {
      throw new IllegalArgumentException(
          name + " is no CNI configuration list that runs " + PLUGIN);
    }
    json.put(MARK, installation.toString());
    return read(name, json.toPrettyString() + "\n");
  }

  private static JsonNode tree(String content) {
    try {
      return MAPPER.readTree(content);
    } catch (JsonProcessingException e) {
      return MissingNode.getInstance();
    }
  }
}
