package io.portolan.common.runtime;

import io.portolan.common.cloud.NodeName;
import io.portolan.common.controller.NodeEvent;
import io.portolan.common.kube.EventWriter;
import java.util.List;

/**
 * Reports on Node objects. A node's events are found by {@code kubectl describe node} under the
 * node's name in place of a uid, as the kubelet writes them.
 */
final class NodeEvents {
  private final EventWriter writer;

  NodeEvents(EventWriter writer) {
    this.writer = writer;
  }

  void report(NodeName node, List<NodeEvent> events) {
    EventWriter.Subject subject =
        new EventWriter.Subject("v1", "Node", "", node.value(), node.value());
    for (NodeEvent event : events) {
      writer.report(
          subject,
          event.warning() ? EventWriter.Severity.WARNING : EventWriter.Severity.NORMAL,
          event.reason(),
          event.message());
    }
  }
}
