package io.portolan.common.kube;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.portolan.common.api.v1alpha1.Condition;
import io.portolan.common.api.v1alpha1.NodeNetworkSpec;
import io.portolan.common.api.v1alpha1.NodeNetworkStatus.Supply;
import io.portolan.common.api.v1alpha1.NodeNetworkStatus.Use;
import java.io.IOException;
import java.util.List;
import java.util.function.Consumer;

/**
 * NodeNetwork objects: read by both sides, written by each side in its own fields only.
 *
 * <p>Every write is a server-side apply of all that its writer owns there, so that repeating one
 * does no harm, a lost reply needs no cure, and what is left out is removed. The conditions a
 * writer passes are all the conditions it owns.
 */
public final class NodeNetworkRepository {
  /** Owns the specification, the supply and the conditions of the cloud side. */
  public static final String CONTROLLER = "portolan-controller";

  /** Owns the use and the conditions of the node side. */
  public static final String AGENT = "portolan-agent";

  private static final ResourcePath PATH = ResourcePath.NODE_NETWORKS;

  private final KubeClient client;

  public NodeNetworkRepository(KubeClient client) {
    this.client = client;
  }

  /** Follows all of them. */
  public KubeWatch<NodeNetworkRecord> watch(Consumer<KubeEvent<NodeNetworkRecord>> consumer) {
    return KubeWatch.start(client, WatchScope.all(PATH), NodeNetworkRecord.decoder(), consumer);
  }

  /** Follows that of one node. */
  public KubeWatch<NodeNetworkRecord> watch(
      String node, Consumer<KubeEvent<NodeNetworkRecord>> consumer) {
    return KubeWatch.start(
        client, WatchScope.one(PATH, node), NodeNetworkRecord.decoder(), consumer);
  }

  public KubeResult<NodeNetworkRecord> get(String node) {
    return decoded(client.get(PATH.object("", node)));
  }

  /**
   * Creates or changes the specification, as the controller.
   *
   * @param nodeUid of the Node object, which then owns this one: it goes when the node goes
   */
  public KubeResult<NodeNetworkRecord> applySpec(
      String node, String nodeUid, NodeNetworkSpec spec) {
    ObjectNode object = identity(node);
    ArrayNode owners = ((ObjectNode) object.path("metadata")).putArray("ownerReferences");
    owners
        .addObject()
        .put("apiVersion", "v1")
        .put("kind", "Node")
        .put("name", node)
        .put("uid", nodeUid);
    object.set("spec", NodeNetworkRecord.JSON.valueToTree(spec));
    return decoded(client.apply(PATH.object("", node), CONTROLLER, object));
  }

  /** Replaces what the controller says in the status. */
  public KubeResult<NodeNetworkRecord> applySupply(
      String node, Supply supply, List<Condition> conditions) {
    return applyStatus(node, CONTROLLER, "supply", supply, conditions);
  }

  /** Replaces what the node agent says in the status. */
  public KubeResult<NodeNetworkRecord> applyUse(String node, Use use, List<Condition> conditions) {
    return applyStatus(node, AGENT, "use", use, conditions);
  }

  private KubeResult<NodeNetworkRecord> applyStatus(
      String node, String manager, String field, Object value, List<Condition> conditions) {
    ObjectNode object = identity(node);
    ObjectNode status = object.putObject("status");
    status.set(field, NodeNetworkRecord.JSON.valueToTree(value));
    if (!conditions.isEmpty()) {
      status.set("conditions", NodeNetworkRecord.JSON.valueToTree(conditions));
    }
    return decoded(client.apply(PATH.status("", node), manager, object));
  }

  private static ObjectNode identity(String node) {
    ObjectNode object = JsonNodeFactory.instance.objectNode();
    object.put("apiVersion", PATH.apiVersion()).put("kind", "NodeNetwork");
    object.putObject("metadata").put("name", node);
    return object;
  }

  private static KubeResult<NodeNetworkRecord> decoded(KubeResult<ObjectNode> result) {
    return switch (result) {
      case KubeResult.Failed<ObjectNode>(KubeFault fault) -> new KubeResult.Failed<>(fault);
      case KubeResult.Ok<ObjectNode>(ObjectNode object) -> {
        try {
          yield new KubeResult.Ok<>(NodeNetworkRecord.of(object));
        } catch (IOException e) {
          yield new KubeResult.Failed<>(KubeFault.noAnswer(String.valueOf(e.getMessage())));
        }
      }
    };
  }
}
