package io.portolan.common.metrics;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Every meter of the suite: its name, its tags, and when to touch it.
 *
 * <p>Tags have few values each; nothing is tagged by pod or address, and by policy only what {@link
 * #policyPackets} bounds. Durations are recorded as histograms with the given upper bounds, so that
 * quantiles can be computed over all nodes.
 */
public final class Meters implements AutoCloseable {
  private static final Duration[] FAST = {
    Duration.ofNanos(500_000),
    Duration.ofMillis(1),
    Duration.ofMillis(2),
    Duration.ofMillis(5),
    Duration.ofMillis(10),
    Duration.ofMillis(25),
    Duration.ofMillis(50),
    Duration.ofMillis(100),
    Duration.ofMillis(500),
    Duration.ofSeconds(2),
    Duration.ofSeconds(10)
  };
  private static final Duration[] SLOW = {
    Duration.ofMillis(10),
    Duration.ofMillis(50),
    Duration.ofMillis(100),
    Duration.ofMillis(250),
    Duration.ofMillis(500),
    Duration.ofSeconds(1),
    Duration.ofSeconds(2),
    Duration.ofSeconds(5),
    Duration.ofSeconds(15),
    Duration.ofSeconds(60)
  };

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);

  private final PolicyRows policyRows = new PolicyRows(registry);

  /**
   * @param component such as {@code aws-vpc}; a tag of every meter
   */
  public Meters(String component) {
    registry.config().commonTags("component", component);
    new JvmMemoryMetrics().bindTo(registry);
    new JvmThreadMetrics().bindTo(registry);
    Gauge.builder("process.resident.memory", Meters::residentBytes)
        .baseUnit("bytes")
        .description("Resident memory of the process")
        .register(registry);
  }

  /** One turn of a reconcile loop. {@code outcome}: settled, retry, failed. */
  public void reconciled(String loop, String outcome, Duration took) {
    time(
        "portolan.reconcile",
        "Turns of reconcile loops",
        SLOW,
        Tags.of("loop", loop, "outcome", outcome),
        took);
  }

  /** One cloud API call. {@code outcome}: Applied, Observed, Unknown or the reason of a fault. */
  public void cloudCalled(String operation, String outcome, Duration took) {
    time(
        "portolan.cloud.call",
        "Cloud API calls",
        SLOW,
        Tags.of("operation", operation, "outcome", outcome),
        took);
  }

  /** How long a cloud API call waited for its budget. */
  public void cloudBudgetWaited(String operation, Duration waited) {
    time(
        "portolan.cloud.budget.wait",
        "Time that cloud API calls waited for their budget",
        SLOW,
        Tags.of("operation", operation),
        waited);
  }

  /** The current rate of a cloud API operation's budget, in calls per second. */
  public void cloudBudget(String operation, DoubleSupplier callsPerSecond) {
    gauge(
        "portolan.cloud.budget.rate",
        "Calls per second that the adaptive budget allows",
        Tags.of("operation", operation),
        callsPerSecond);
  }

  /** One Kubernetes API call. {@code outcome}: ok, none without an answer, or the status. */
  public void kubeCalled(String verb, String resource, String outcome, Duration took) {
    time(
        "portolan.kube.call",
        "Kubernetes API calls",
        SLOW,
        Tags.of("verb", verb, "resource", resource, "outcome", outcome),
        took);
  }

  /** A turn of a watch. {@code kind}: synced (listed anew), disconnected, resumed. */
  public void watchEvent(String resource, String kind) {
    registry
        .counter("portolan.kube.watch.events", Tags.of("resource", resource, "kind", kind))
        .increment();
  }

  /** 1 while this process holds the lease, else 0. */
  public void leading(DoubleSupplier leading) {
    gauge("portolan.leader", "Whether this process is the leader", Tags.empty(), leading);
  }

  /** A leaked interface. {@code outcome}: Applied (deleted) or the reason why not. */
  public void orphanCollected(String outcome) {
    registry.counter("portolan.orphans.collected", Tags.of("outcome", outcome)).increment();
  }

  /**
   * Addresses of pools. {@code state}: of all nodes capacity, assigned, demand, deficit; of one
   * node held, resting, free, orphaned.
   */
  public void poolAddresses(String state, DoubleSupplier count) {
    gauge(
        "portolan.pool.addresses",
        "Addresses of the pools by state",
        Tags.of("state", state),
        count);
  }

  /** One planned action of a pool. {@code outcome}: Applied, Unknown or the reason of a fault. */
  public void poolAction(String action, String outcome) {
    registry
        .counter("portolan.pool.actions", Tags.of("action", action, "outcome", outcome))
        .increment();
  }

  /** One CNI call. {@code code}: 0 or the CNI error code. */
  public void cniCalled(String command, int code, Duration took) {
    time(
        "portolan.cni.call",
        "CNI calls",
        FAST,
        Tags.of("command", command, "code", Integer.toString(code)),
        took);
  }

  /** How long an ADD waited for an address. */
  public void addressWaited(Duration waited) {
    time(
        "portolan.cni.address.wait",
        "Time that ADD waited for an address",
        FAST,
        Tags.empty(),
        waited);
  }

  /** How many ADDs wait for an address now. */
  public void addressWaiting(DoubleSupplier count) {
    gauge("portolan.cni.waiting", "ADDs that wait for an address", Tags.empty(), count);
  }

  /** One sync of the journal of attachments. */
  public void journalSynced(Duration took) {
    time("portolan.journal.sync", "Syncs of the journal of attachments", FAST, Tags.empty(), took);
  }

  /** From a change of policy, pod or namespace to the commit in the kernel. */
  public void policyEnforced(Duration took) {
    time(
        "portolan.policy.enforce",
        "From an observed change to its enforcement",
        FAST,
        Tags.empty(),
        took);
  }

  /** One transaction with nftables. {@code outcome}: committed, refused, repaired. */
  public void nftTransaction(String outcome, Duration took) {
    time(
        "portolan.policy.transaction",
        "Transactions with nftables",
        FAST,
        Tags.of("outcome", outcome),
        took);
  }

  /**
   * What policy did to packets, read anew for each scrape.
   *
   * @param figures at most some hundred; what is missing the next time is no longer shown
   */
  public void policyPackets(Supplier<List<PolicyPackets>> figures) {
    policyRows.show(figures);
  }

  /** Records of packets. {@code outcome}: written, or why not: overrun, full, failed, malformed. */
  public void flowRecords(String outcome, LongSupplier count) {
    FunctionCounter.builder("portolan.flow.records", count, LongSupplier::getAsLong)
        .description("Records of packets that policy denied or logged")
        .tags("outcome", outcome)
        .register(registry);
  }

  /**
   * Policies that are not enforced as they are written. {@code kind}: refused (by the kernel, and
   * closed instead), notunderstood (something in them means nothing to us).
   */
  public void policyProblems(String kind, DoubleSupplier count) {
    gauge(
        "portolan.policy.problems",
        "Policies that are not enforced as they are written",
        Tags.of("kind", kind),
        count);
  }

  /**
   * Counts this node's sessions of BGP.
   *
   * @param state {@code established} or {@code down}
   */
  public void bgpSessions(String state, DoubleSupplier count) {
    gauge("portolan.bgp.sessions", "Sessions of BGP", Tags.of("state", state), count);
  }

  /**
   * Counts addresses in containers that no known pod has.
   *
   * @param state {@code closed} or {@code open}
   */
  public void unclaimedAddresses(String state, DoubleSupplier count) {
    gauge(
        "portolan.policy.unclaimed.addresses",
        "Addresses in containers that no known pod has",
        Tags.of("state", state),
        count);
  }

  private void time(
      String name, String description, Duration[] bounds, Iterable<Tag> tags, Duration took) {
    Timer.builder(name)
        .description(description)
        .serviceLevelObjectives(bounds)
        .tags(tags)
        .register(registry)
        .record(took);
  }

  private void gauge(String name, String description, Iterable<Tag> tags, DoubleSupplier value) {
    // Strong: the registry must not lose a gauge to the garbage collector.
    Gauge.builder(name, value::getAsDouble)
        .description(description)
        .tags(tags)
        .strongReference(true)
        .register(registry);
  }

  /** Everything in the text format of Prometheus. */
  public String scrape() {
    policyRows.refresh();
    return registry.scrape();
  }

  private static double residentBytes() {
    try {
      String statm = Files.readString(Path.of("/proc/self/statm"), StandardCharsets.US_ASCII);
      return Long.parseLong(statm.split(" ", 3)[1]) * 4096.0;
    } catch (IOException e) {
      // Not Linux: the gauge has no value.
      return Double.NaN;
    }
  }

  @Override
  public void close() {
    registry.close();
  }
}
