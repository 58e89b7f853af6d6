package io.portolan.common.metrics;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/** Counters that come and go with policies. */
final class PolicyRows {
  private final MeterRegistry registry;
  private final Map<Tags, Row> rows = new HashMap<>();
  private Supplier<List<PolicyPackets>> figures = List::of;

  PolicyRows(MeterRegistry registry) {
    this.registry = registry;
  }

  /** The two counters of one set of tags, and what they show. */
  private static final class Row {
    private final FunctionCounter packets;
    private final FunctionCounter bytes;
    private volatile PolicyPackets shown;

    Row(MeterRegistry registry, Tags tags, PolicyPackets first) {
      shown = first;
      packets =
          FunctionCounter.builder("portolan.policy.packets", this, row -> row.shown.packets())
              .description("Packets that were judged by policy")
              .tags(tags)
              .register(registry);
      bytes =
          FunctionCounter.builder("portolan.policy.bytes", this, row -> row.shown.bytes())
              .description("Bytes of the packets that were judged by policy")
              .tags(tags)
              .register(registry);
    }
  }

  synchronized void show(Supplier<List<PolicyPackets>> from) {
    figures = from;
  }

  /** Reads the figures; rows that are gone are no longer shown. */
  synchronized void refresh() {
    Set<Tags> gone = new HashSet<>(rows.keySet());
    for (PolicyPackets now : figures.get()) {
      Tags tags =
          Tags.of(
              "policy", now.policy(),
              "tier", now.tier(),
              "direction", now.direction(),
              "verdict", now.verdict());
      gone.remove(tags);
      rows.computeIfAbsent(tags, t -> new Row(registry, t, now)).shown = now;
    }
    for (Tags tags : gone) {
      Row row = rows.remove(tags);
      if (row != null) {
        registry.remove(row.packets);
        registry.remove(row.bytes);
      }
    }
  }
}
