package io.portolan.common.pool;

import io.portolan.common.cloud.CloudAction;
import io.portolan.common.cloud.CloudObservation;
import io.portolan.common.cloud.InterfaceId;
import io.portolan.common.cloud.NodeName;
import io.portolan.common.cloud.ObservedInterface;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Finds interfaces nobody will ever use: tagged for our cluster, attached to nothing, and made for
 * a node that is gone. Those of a living node are its planner's business.
 *
 * <p>An interface must have been loose for the whole grace as far as we have seen: a node that
 * registers late, or a machine being replaced under the same name, gets the time to claim it. What
 * was seen is a value that goes in and comes out; losing it (a restart) makes the grace start anew.
 */
public final class OrphanCollector {
  private final Duration grace;

  public OrphanCollector(Duration grace) {
    this.grace = grace;
  }

  /**
   * @param since when each loose interface was first seen to be so
   */
  public record Sightings(SortedMap<InterfaceId, Instant> since) {
    public static final Sightings NONE = new Sightings(new TreeMap<>());

    public Sightings {
      since = Collections.unmodifiableSortedMap(new TreeMap<>(since));
    }
  }

  /**
   * @param deletions by interface
   * @param explanation one line for each loose interface
   */
  public record Collection(
      List<CloudAction.DeleteInterface> deletions, Sightings sightings, List<String> explanation) {
    public Collection {
      deletions = List.copyOf(deletions);
      explanation = List.copyOf(explanation);
    }
  }

  /**
   * Pure.
   *
   * @param nodes the nodes that exist in Kubernetes
   */
  public Collection collect(
      CloudObservation observation, Set<NodeName> nodes, Sightings before, Instant now) {
    SortedMap<InterfaceId, Instant> since = new TreeMap<>();
    List<CloudAction.DeleteInterface> deletions = new ArrayList<>();
    List<String> explanation = new ArrayList<>();
    for (ObservedInterface loose : observation.unattached()) {
      boolean wanted = loose.createdFor().filter(nodes::contains).isPresent();
      if (!loose.ours() || loose.state() != ObservedInterface.State.AVAILABLE || wanted) {
        continue;
      }
      Instant first = before.since().getOrDefault(loose.id(), now);
      since.put(loose.id(), first);
      String madeFor = loose.createdFor().map(n -> "made for " + n).orElse("made for no node");
      if (now.isBefore(first.plus(grace))) {
        explanation.add(loose.id() + " " + madeFor + ": left alone until " + first.plus(grace));
      } else {
        deletions.add(
            new CloudAction.DeleteInterface(
                loose.createdFor().orElse(new NodeName("-")), loose.id()));
        explanation.add("delete " + loose.id() + " " + madeFor + ", which is gone");
      }
    }
    return new Collection(deletions, new Sightings(since), explanation);
  }
}
