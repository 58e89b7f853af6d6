package io.portolan.node.install;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.portolan.common.kube.KubeClient;
import io.portolan.common.kube.KubeFault;
import io.portolan.common.kube.KubeResult;
import io.portolan.common.kube.ResourcePath;

/**
 * Tells an agent that is stopped whether another one follows, as after an update, or none, because
 * Portolan is being uninstalled.
 */
final class OwnDaemonSet {
  private static final ResourcePath DAEMON_SETS = new ResourcePath("apps", "v1", "daemonsets");

  private final KubeClient client;
  private final String path;

  /** Whether it could be read once: then a refusal means that the permission is gone as well. */
  private volatile boolean seen;

  OwnDaemonSet(KubeClient client, Installation installation) {
    this.client = client;
    path = DAEMON_SETS.object(installation.namespace(), installation.daemonSet());
  }

  /** Reads it unless that was done; whether it could be read. */
  boolean seen() {
    if (!seen) {
      seen = client.get(path).failure().isEmpty();
    }
    return seen;
  }

  /** Whether the DaemonSet is gone or going. No answer counts as no. */
  boolean isGone() {
    return isGone(client.get(path), seen);
  }

  static boolean isGone(KubeResult<ObjectNode> answer, boolean seen) {
    return switch (answer) {
      case KubeResult.Ok<ObjectNode>(ObjectNode object) ->
          object.path("metadata").has("deletionTimestamp");
      case KubeResult.Failed<ObjectNode>(KubeFault fault) ->
          switch (fault.kind()) {
            case NOT_FOUND -> true;
            // Uninstalling takes the role and the account away at the same time.
            case DENIED -> seen;
            case ALREADY_EXISTS, CONFLICT, EXPIRED, INVALID, THROTTLED, UNAVAILABLE -> false;
          };
    };
  }
}
