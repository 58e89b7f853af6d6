package io.portolan.common.cloud;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * One machine and the interfaces it holds.
 *
 * @param machineType the cloud's name of its type or size, such as {@code m5.large}
 * @param zone the availability zone; empty where the cloud has none
 * @param limits what this type of machine can hold
 * @param interfaces attached, attaching or detaching, by network card and device index
 */
public record ObservedMachine(
    NodeName node,
    InstanceId instance,
    String machineType,
    String zone,
    State state,
    InstanceLimits limits,
    List<ObservedInterface> interfaces) {

  /** Whether it makes sense to give the machine anything. */
  public enum State {
    /** Starting or running. */
    RUNNING,
    /** Stopped; it keeps its interfaces and may start again. */
    STOPPED,
    /** Going away for good or gone. */
    TERMINATING
  }

  public ObservedMachine {
    List<ObservedInterface> sorted = new ArrayList<>(interfaces);
    sorted.sort(
        Comparator.<ObservedInterface>comparingInt(
                i -> i.attachment().map(Attachment::networkCard).orElse(0))
            .thenComparingInt(i -> i.attachment().map(Attachment::deviceIndex).orElse(0))
            .thenComparing(ObservedInterface::id));
    interfaces = List.copyOf(sorted);
  }

  /** The interface the machine was born with. */
  public Optional<ObservedInterface> primary() {
    return interfaces.stream().filter(ObservedInterface::isPrimary).findFirst();
  }
}
