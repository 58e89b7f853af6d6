package io.portolan.common.controller;

import io.portolan.common.api.v1alpha1.NodeNetworkStatus;
import io.portolan.common.api.v1alpha1.NodeNetworkStatus.Supply;
import io.portolan.common.net.Cidr;
import io.portolan.common.pool.Handshake;
import io.portolan.common.pool.PoolCondition;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a node's NodeNetwork says, as far as this process knows. Pure.
 *
 * @param watched what the watch shows, perhaps older than our own last write
 * @param record what this process has written
 */
record PublishedState(Optional<NodeNetworkStatus> watched, NodeRecord record) {

  /** The newer of what was watched and what was written. */
  Optional<Supply> supply() {
    Optional<Supply> seen = watched.flatMap(s -> Optional.ofNullable(s.supply()));
    Optional<Supply> own = record.published();
    if (own.isPresent() && seen.isPresent()) {
      return own.get().revision() >= seen.get().revision() ? own : seen;
    }
    return own.or(() -> seen);
  }

  /**
   * A write that failed may have been stored all the same, and its marks answered: its revision is
   * never used for another content, or an old answer could match a new mark.
   */
  long revision() {
    return Math.max(record.attempted(), supply().map(Supply::revision).orElse(0L));
  }

  SortedMap<Cidr, Long> marks() {
    return supply().map(s -> SupplyDocument.releases(s.releasing())).orElseGet(TreeMap::new);
  }

  Handshake handshake() {
    SortedMap<Cidr, Long> answers =
        watched
            .flatMap(s -> Optional.ofNullable(s.use()))
            .map(use -> SupplyDocument.releases(use.released()))
            .orElseGet(TreeMap::new);
    return new Handshake(revision(), marks(), answers);
  }

  /**
   * Whether the conditions claim what is published already. Messages carry numbers that move with
   * every pod; they are refreshed with other writes only.
   */
  boolean claims(List<PoolCondition> conditions) {
    List<String> published =
        record.conditions().isEmpty()
            ? watchedClaims(conditions)
            : record.conditions().stream().map(PublishedState::claim).toList();
    return Set.copyOf(conditions.stream().map(PublishedState::claim).toList())
        .equals(Set.copyOf(published));
  }

  /** The conditions last stored, by this process or an earlier one. */
  List<PoolCondition> conditions() {
    if (!record.conditions().isEmpty()) {
      return record.conditions();
    }
    return watched.flatMap(s -> Optional.ofNullable(s.conditions())).orElse(List.of()).stream()
        .map(c -> new PoolCondition(c.type(), c.status().equals("True"), c.reason(), c.message()))
        .toList();
  }

  private List<String> watchedClaims(List<PoolCondition> ofTheseTypes) {
    return watched.flatMap(s -> Optional.ofNullable(s.conditions())).orElse(List.of()).stream()
        .filter(c -> ofTheseTypes.stream().anyMatch(o -> o.type().equals(c.type())))
        .map(c -> c.type() + c.status().equals("True") + c.reason())
        .toList();
  }

  private static String claim(PoolCondition condition) {
    return condition.type() + condition.holds() + condition.reason();
  }
}
