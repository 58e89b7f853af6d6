package io.portolan.node.install;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.portolan.common.kube.KubeClient;
import io.portolan.common.kube.KubeFault;
import io.portolan.common.kube.KubeResult;
import io.portolan.common.kube.ResourcePath;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The taint that keeps pods from a new node until they can have a network there. */
final class StartupTaint {
  private static final Logger LOG = LoggerFactory.getLogger(StartupTaint.class);

  private final KubeClient client;
  private final String path;
  private final String key;

  StartupTaint(KubeClient client, String nodeName, String key) {
    this.client = client;
    this.path = ResourcePath.NODES.object("", nodeName);
    this.key = key;
  }

  /**
   * Takes the taint from the node, whatever its value and effect.
   *
   * @return why it may be there still; empty if it is gone
   */
  Optional<String> lift() {
    return switch (client.get(path)) {
      case KubeResult.Failed<ObjectNode>(KubeFault fault) -> still(fault);
      case KubeResult.Ok<ObjectNode>(ObjectNode node) -> {
        ArrayNode left = JsonNodeFactory.instance.arrayNode();
        for (JsonNode taint : node.path("spec").path("taints")) {
          if (!taint.path("key").asText().equals(key)) {
            left.add(taint);
          }
        }
        if (left.size() == node.path("spec").path("taints").size()) {
          yield Optional.empty();
        }
        ObjectNode patch = JsonNodeFactory.instance.objectNode();
        // A list is patched as a whole: what somebody else added meanwhile must not be lost.
        patch
            .putObject("metadata")
            .set("resourceVersion", node.path("metadata").path("resourceVersion"));
        patch.putObject("spec").set("taints", left);
        Optional<KubeFault> failure = client.merge(path, patch).failure();
        if (failure.isEmpty()) {
          LOG.info("pods can have a network: the taint {} is gone", key);
        }
        yield failure.flatMap(this::still);
      }
    };
  }

  private Optional<String> still(KubeFault fault) {
    return Optional.of("the taint " + key + " cannot be taken from the node: " + fault);
  }
}
