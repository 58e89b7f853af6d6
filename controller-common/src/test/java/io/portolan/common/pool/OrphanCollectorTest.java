package io.portolan.common.pool;

import static org.assertj.core.api.Assertions.assertThat;

import io.portolan.common.cloud.CloudObservation;
import io.portolan.common.cloud.InterfaceId;
import io.portolan.common.cloud.NodeName;
import io.portolan.common.cloud.ObservedInterface;
import io.portolan.common.cloud.SubnetId;
import io.portolan.common.net.IpAddress;
import io.portolan.common.net.MacAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class OrphanCollectorTest {
  private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");
  private static final Set<NodeName> NODES = Set.of(new NodeName("n1"));

  private final OrphanCollector collector = new OrphanCollector(Duration.ofMinutes(5));
  private final List<ObservedInterface> loose = new ArrayList<>();

  private void loose(String id, boolean ours, Optional<String> madeFor) {
    loose.add(
        new ObservedInterface(
            new InterfaceId(id),
            ours,
            false,
            madeFor.map(NodeName::new),
            Optional.empty(),
            new SubnetId("subnet-a"),
            new MacAddress(1),
            IpAddress.parse("10.0.0.9"),
            List.of(),
            List.of(),
            List.of(),
            ObservedInterface.State.AVAILABLE,
            Optional.empty()));
  }

  private OrphanCollector.Collection collect(OrphanCollector.Sightings before, Instant now) {
    return collector.collect(
        new CloudObservation(
            now, new TreeMap<>(), loose, new TreeMap<>(), new TreeMap<>(), List.of()),
        NODES,
        before,
        now);
  }

  private static List<String> deleted(OrphanCollector.Collection collection) {
    return collection.deletions().stream().map(d -> d.interfaceId().value()).toList();
  }

  @Test
  void deletesWhatAGoneNodeLeftAfterTheWholeGraceAndNothingElse() {
    loose("eni-gone", true, Optional.of("n2"));
    loose("eni-nobody", true, Optional.empty());
    loose("eni-wanted", true, Optional.of("n1"));
    loose("eni-foreign", false, Optional.of("n2"));
    OrphanCollector.Collection first = collect(OrphanCollector.Sightings.NONE, NOON);
    assertThat(deleted(first)).isEmpty();
    OrphanCollector.Collection almost = collect(first.sightings(), NOON.plusSeconds(299));
    assertThat(deleted(almost)).isEmpty();
    assertThat(deleted(collect(almost.sightings(), NOON.plusSeconds(300))))
        .containsExactly("eni-gone", "eni-nobody");
  }

  @Test
  void anInterfaceThatWasClaimedMeanwhileGetsANewGrace() {
    loose("eni-gone", true, Optional.of("n2"));
    OrphanCollector.Collection first = collect(OrphanCollector.Sightings.NONE, NOON);
    List<ObservedInterface> again = List.copyOf(loose);
    loose.clear();
    OrphanCollector.Collection claimed = collect(first.sightings(), NOON.plusSeconds(200));
    assertThat(claimed.sightings()).isEqualTo(OrphanCollector.Sightings.NONE);
    loose.addAll(again);
    assertThat(deleted(collect(claimed.sightings(), NOON.plusSeconds(400)))).isEmpty();
  }

  @Test
  void aRestartStartsTheGraceAnew() {
    loose("eni-gone", true, Optional.of("n2"));
    assertThat(deleted(collect(OrphanCollector.Sightings.NONE, NOON.plusSeconds(9999)))).isEmpty();
  }
}
