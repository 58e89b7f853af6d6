package io.portolan.common.kube;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ThreadLocalRandom;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Kubernetes events: what {@code kubectl describe} shows of a decision.
 *
 * <p>The same event again raises the count of the first one. Per object at most {@value #BURST}
 * writes at once and one more per minute, because an event must never cost more than what it
 * reports. Events are not worth waiting or repeating for: what does not fit or fails is dropped.
 */
public final class EventWriter implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(EventWriter.class);
  private static final int BURST = 10;
  private static final Duration REFILL = Duration.ofMinutes(1);
  private static final int REMEMBERED = 1024;
  private static final int QUEUE = 256;

  private final KubeClient client;
  private final String component;
  private final String instance;
  private final InstantSource clock;
  private final BlockingQueue<Happened> queue = new ArrayBlockingQueue<>(QUEUE);
  private final Thread thread;

  // Owned by the thread.
  private final Map<Happened, Series> series = bounded();
  private final Map<Subject, Budget> budgets = bounded();

  /**
   * @param component such as {@code portolan-aws-vpc}
   * @param instance which of its processes: the pod or node name
   */
  public EventWriter(KubeClient client, String component, String instance, InstantSource clock) {
    this.client = client;
    this.component = component;
    this.instance = instance;
    this.clock = clock;
    this.thread = Thread.ofVirtual().name("write-events").start(this::run);
  }

  /** Normal or Warning. */
  public enum Severity {
    NORMAL,
    WARNING
  }

  /**
   * The object an event is about.
   *
   * @param namespace empty for cluster-scoped objects
   * @param uid may be empty; {@code kubectl describe} of nodes wants the name there
   */
  public record Subject(
      String apiVersion, String kind, String namespace, String name, String uid) {}

  /**
   * @param shared whether other processes report the same
   */
  private record Happened(
      Subject subject, Severity severity, String reason, String message, boolean shared) {}

  private record Series(String path, String first, int count) {}

  private record Budget(double tokens, Instant at) {}

  private static <K, V> Map<K, V> bounded() {
    return new LinkedHashMap<>(16, 0.75f, true) {
      private static final long serialVersionUID = 1L;

      @Override
      protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
        return size() > REMEMBERED;
      }
    };
  }

  /**
   * Reports; returns at once.
   *
   * @param reason one CamelCase word
   * @param message a sentence for people, cut at 1,024 characters as the API does
   */
  public void report(Subject subject, Severity severity, String reason, String message) {
    report(subject, severity, reason, message, false);
  }

  /**
   * The same where many processes see the same and say it in the same words, as all nodes of an
   * object: the first one writes the event, which has its name from what it says, and for the
   * others it is there already. It is not counted.
   */
  public void reportShared(Subject subject, Severity severity, String reason, String message) {
    report(subject, severity, reason, message, true);
  }

  private void report(
      Subject subject, Severity severity, String reason, String message, boolean shared) {
    String shown = message.length() > 1024 ? message.substring(0, 1024) : message;
    if (!queue.offer(new Happened(subject, severity, reason, shown, shared))) {
      LOG.debug("event {} of {} dropped: too many", reason, subject.name());
    }
  }

  private void run() {
    while (!Thread.currentThread().isInterrupted()) {
      try {
        write(queue.take());
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  private void write(Happened event) {
    Instant now = clock.instant();
    if (!spend(event.subject, now)) {
      LOG.debug("event {} of {} dropped: over its budget", event.reason, event.subject.name());
      return;
    }
    String time = now.truncatedTo(ChronoUnit.SECONDS).toString();
    Series known = series.get(event);
    if (known != null && !event.shared) {
      ObjectNode patch = JsonNodeFactory.instance.objectNode();
      patch.put("count", known.count + 1).put("lastTimestamp", time);
      if (client.merge(known.path, patch).toOptional().isPresent()) {
        series.put(event, new Series(known.path, known.first, known.count + 1));
        return;
      }
      // Events expire after an hour: begin anew.
      series.remove(event);
    }
    // Events of cluster-scoped objects live in the namespace "default", by convention.
    String namespace = event.subject.namespace.isEmpty() ? "default" : event.subject.namespace;
    long suffix = event.shared ? named(event) : ThreadLocalRandom.current().nextLong();
    String name = event.subject.name + "." + Long.toHexString(suffix);
    KubeResult<ObjectNode> created =
        client.create(
            ResourcePath.EVENTS.collection(namespace), object(event, namespace, name, time));
    switch (created) {
      case KubeResult.Ok<ObjectNode> _ ->
          series.put(event, new Series(ResourcePath.EVENTS.object(namespace, name), time, 1));
      case KubeResult.Failed<ObjectNode>(KubeFault fault)
          when event.shared && fault.kind() == KubeFault.Kind.ALREADY_EXISTS -> {}
      case KubeResult.Failed<ObjectNode>(KubeFault fault) ->
          LOG.debug("event {} of {} not written: {}", event.reason, event.subject.name(), fault);
    }
  }

  /** The same in every process, and another one for other words. */
  private static long named(Happened event) {
    byte[] words =
        String.join("\n", event.subject.uid, event.severity.name(), event.reason, event.message)
            .getBytes(StandardCharsets.UTF_8);
    return UUID.nameUUIDFromBytes(words).getMostSignificantBits();
  }

  private boolean spend(Subject subject, Instant now) {
    Budget budget = budgets.getOrDefault(subject, new Budget(BURST, now));
    double refilled =
        (double) Duration.between(budget.at, now).toMillis() / REFILL.toMillis() + budget.tokens;
    double tokens = Math.min(BURST, refilled);
    boolean enough = tokens >= 1;
    budgets.put(subject, new Budget(enough ? tokens - 1 : tokens, now));
    return enough;
  }

  private ObjectNode object(Happened event, String namespace, String name, String time) {
    ObjectNode object = JsonNodeFactory.instance.objectNode();
    object.put("apiVersion", "v1").put("kind", "Event");
    object.putObject("metadata").put("name", name).put("namespace", namespace);
    ObjectNode subject = object.putObject("involvedObject");
    subject.put("apiVersion", event.subject.apiVersion).put("kind", event.subject.kind);
    subject.put("name", event.subject.name);
    if (!event.subject.namespace.isEmpty()) {
      subject.put("namespace", event.subject.namespace);
    }
    if (!event.subject.uid.isEmpty()) {
      subject.put("uid", event.subject.uid);
    }
    object.put("type", event.severity == Severity.WARNING ? "Warning" : "Normal");
    object.put("reason", event.reason).put("message", event.message);
    object.put("firstTimestamp", time).put("lastTimestamp", time).put("count", 1);
    object.putObject("source").put("component", component).put("host", instance);
    object.put("reportingComponent", component).put("reportingInstance", instance);
    return object;
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
