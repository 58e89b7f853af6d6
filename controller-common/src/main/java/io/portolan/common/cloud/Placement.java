package io.portolan.common.cloud;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/** Chooses where the next interface of a machine gets its addresses. Pure. */
public interface Placement {

  /** The same request always gets the same answer. */
  Choice place(Request request);

  /**
   * @param machine the machine as observed, with its interfaces
   * @param subnets all subnets observed, by id
   * @param rules what the profile says
   * @param addresses how many addresses are wanted, in single addresses
   * @param prefixes whether they are wanted as whole blocks
   * @param avoid subnets that lately had nothing to give
   */
  record Request(
      ObservedMachine machine,
      SortedMap<SubnetId, ObservedSubnet> subnets,
      Rules rules,
      int addresses,
      boolean prefixes,
      SortedSet<SubnetId> avoid) {
    public Request {
      subnets = Collections.unmodifiableSortedMap(new TreeMap<>(subnets));
      avoid = Collections.unmodifiableSortedSet(new TreeSet<>(avoid));
    }
  }

  /**
   * @param subnetIds the only candidates, if any are named
   * @param subnetTags tags a candidate must carry
   * @param groups security groups of new interfaces; empty: those of the primary interface
   */
  record Rules(
      List<SubnetId> subnetIds,
      SortedMap<String, String> subnetTags,
      List<SecurityGroupId> groups) {
    public static final Rules NONE = new Rules(List.of(), new TreeMap<>(), List.of());

    public Rules {
      subnetIds = List.copyOf(subnetIds);
      subnetTags = Collections.unmodifiableSortedMap(new TreeMap<>(subnetTags));
      groups = List.copyOf(groups);
    }

    public static Rules of(
        Set<SubnetId> subnetIds, Map<String, String> subnetTags, Set<SecurityGroupId> groups) {
      return new Rules(
          subnetIds.stream().sorted().toList(),
          new TreeMap<>(subnetTags),
          groups.stream().sorted().toList());
    }
  }

  /** Where, or why nowhere. */
  sealed interface Choice {
    /**
     * @param why one line for {@code explain}
     */
    record In(SubnetId subnet, List<SecurityGroupId> groups, String why) implements Choice {
      public In {
        groups = List.copyOf(groups);
      }
    }

    /**
     * @param reason a condition reason: one CamelCase word
     * @param message what to change
     */
    record Nowhere(String reason, String message) implements Choice {}
  }
}
