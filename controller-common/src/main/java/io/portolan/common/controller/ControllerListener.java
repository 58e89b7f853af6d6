package io.portolan.common.controller;

import io.portolan.common.cloud.NodeName;
import java.time.Duration;
import java.util.List;

/** Told of what the controller does, for metrics and events. Every method returns at once. */
public interface ControllerListener {
  /** Tells nobody. */
  ControllerListener SILENT = new ControllerListener() {};

  /**
   * One turn for a key ended.
   *
   * @param loop {@code node} or {@code cluster}
   * @param outcome {@code settled}, {@code retry} or {@code failed} (a bug)
   */
  default void reconciled(String loop, String outcome, Duration took) {}

  /**
   * An action of a plan was performed or refused.
   *
   * @param action the kind, such as {@code CreateInterface}
   * @param outcome {@code Applied}, {@code Unknown}, {@code Withdrawn} or a fault's reason
   */
  default void acted(String action, String outcome) {}

  /**
   * A leaked interface was deleted, or not.
   *
   * @param outcome {@code Applied} or why not
   */
  default void collected(String outcome) {}

  /** Conditions that were stored say something that the ones before did not. */
  default void changed(NodeName node, List<NodeEvent> events) {}
}
