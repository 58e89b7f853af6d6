package io.portolan.policy.agent;

import io.portolan.common.net.IpAddress;
import io.portolan.common.reconcile.Backoff;
import io.portolan.policy.compile.LocalElements;
import io.portolan.policy.compile.Owner;
import io.portolan.policy.model.ClusterChange;
import io.portolan.policy.model.EndpointId;
import io.portolan.policy.model.LocalPod;
import io.portolan.policy.nft.Generation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one thread that owns the enforcer. Whatever is waiting in the inbox becomes one batch: one
 * compilation, one transaction, and then the answers.
 */
public final class EnforcementThread implements ClusterSink, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(EnforcementThread.class);

  /** Bounds how long the first request of a batch waits for the last. */
  private static final int BATCH = 10_000;

  private static final Duration RETRY = Duration.ofSeconds(1);

  /** When policies that the kernel refuses are tried again. */
  private static final Backoff LEFT_OUT =
      new Backoff(Duration.ofSeconds(5), Duration.ofMinutes(10), 0.25);

  /** How long packets that were under way during a commit may take to be through. */
  private static final Duration PROOF = Duration.ofMillis(20);

  private final Enforcer enforcer;
  private final Duration auditInterval;
  private final Backoff leftOutPauses;
  private final LinkedBlockingQueue<Request> inbox = new LinkedBlockingQueue<>();
  private final Thread thread;

  // Owned by the thread.
  private final Map<EndpointId, List<CompletableFuture<LocalElements.Standing>>> waiting =
      new HashMap<>();
  private boolean failed;
  private Generation seen = Generation.OFF;
  private long proofDue;
  private long retryDue;
  private long auditDue;
  private int leftOutTries;
  private long leftOutDue;

  /** Written by the thread, read by anybody. */
  private volatile String problem = "the cluster is not known yet";

  /** Takes over the table and starts; {@code present} are pods that were wired by a former run. */
  public static EnforcementThread start(
      Enforcer enforcer, List<LocalPod> present, Duration auditInterval) {
    return start(enforcer, present, auditInterval, LEFT_OUT);
  }

  /**
   * @param leftOut when policies that the kernel refuses are tried again; after its first delay at
   *     the latest when other policies changed, which may have made room
   */
  static EnforcementThread start(
      Enforcer enforcer, List<LocalPod> present, Duration auditInterval, Backoff leftOut) {
    enforcer.start();
    present.forEach(pod -> enforcer.apply(new ClusterChange.PodWired(pod)));
    EnforcementThread started = new EnforcementThread(enforcer, auditInterval, leftOut);
    started.thread.start();
    return started;
  }

  private EnforcementThread(Enforcer enforcer, Duration auditInterval, Backoff leftOutPauses) {
    this.leftOutPauses = leftOutPauses;
    this.enforcer = enforcer;
    this.auditInterval = auditInterval;
    this.auditDue = System.nanoTime() + auditInterval.toNanos();
    this.thread = Thread.ofPlatform().name("policy").daemon().unstarted(this::run);
  }

  @Override
  public void changed(ClusterChange change) {
    inbox.add(new Request.Change(change));
  }

  @Override
  public void isolated(LocalPod pod) {
    inbox.add(new Request.Isolate(pod));
  }

  @Override
  public void synced() {
    inbox.add(new Request.Synced());
  }

  /** See {@link Request.Admit}. */
  public record Admission(
      CompletableFuture<Void> closed, CompletableFuture<LocalElements.Standing> standing) {}

  /** Puts the pod's own policy into the kernel, or isolates the pod while that is not known. */
  public Admission admit(LocalPod pod) {
    Admission admission = new Admission(new CompletableFuture<>(), new CompletableFuture<>());
    inbox.add(new Request.Admit(pod, admission.closed(), admission.standing()));
    return admission;
  }

  /** Completes when no rule of the pod is left. */
  public CompletableFuture<Void> forget(LocalPod pod) {
    CompletableFuture<Void> done = new CompletableFuture<>();
    inbox.add(new Request.Forget(pod, done));
    return done;
  }

  /**
   * The pods that have these addresses now, of those that a pod has. Waits for the thread, at most
   * some seconds; none if it is busy for longer.
   */
  public Map<IpAddress, Owner> owners(Set<IpAddress> addresses) {
    CompletableFuture<Map<IpAddress, Owner>> found = new CompletableFuture<>();
    inbox.add(new Request.Owners(addresses, found));
    return found.completeOnTimeout(Map.of(), 5, TimeUnit.SECONDS).join();
  }

  /** Why policies are not in force as they should; empty if they are. */
  public Optional<String> problem() {
    return problem.isEmpty() ? Optional.empty() : Optional.of(problem);
  }

  private void run() {
    List<Request> batch = new ArrayList<>();
    while (batch.stream().noneMatch(Request.Stop.class::isInstance)) {
      batch.clear();
      try {
        Request first = inbox.poll(untilDue(), TimeUnit.NANOSECONDS);
        if (first != null) {
          batch.add(first);
          inbox.drainTo(batch, BATCH);
          handle(batch);
        }
        // Between batches too: a node that is never idle must not put these off for ever.
        doWhatIsDue();
        if (enforcer.isSynced()) {
          problem = failed ? "the kernel refused the policy transaction; see the log" : "";
        }
      } catch (InterruptedException e) {
        LOG.debug("interrupted; stopping", e);
        return;
      } catch (RuntimeException e) {
        LOG.error("policy enforcement stumbled; rules stay as they are, trying again", e);
        failed = true;
        retryDue = System.nanoTime() + RETRY.toNanos();
        problem = "policy enforcement failed: " + e + "; see the log";
      }
    }
  }

  private long untilDue() {
    long due = auditDue;
    if (failed) {
      due = retryDue;
    } else if (enforcer.isGenerationUnproven()) {
      due = proofDue;
    } else if (leftOutTries > 0) {
      due = Math.min(auditDue, leftOutDue);
    }
    return Math.max(0, due - System.nanoTime());
  }

  private void doWhatIsDue() {
    long now = System.nanoTime();
    if (!enforcer.generation().equals(seen)) {
      // Each number proves the ones before, so only the last needs a proof of its own.
      seen = enforcer.generation();
      proofDue = now + PROOF.toNanos();
    }
    if (failed) {
      if (now - retryDue >= 0) {
        commit();
        answerWaiting();
      }
    } else if (enforcer.isGenerationUnproven()) {
      if (now - proofDue >= 0) {
        enforcer.proveGeneration();
      }
    } else if (leftOutTries > 0 && now - leftOutDue >= 0) {
      failed = !enforcer.retryLeftOut();
      planRetry();
    } else if (now - auditDue >= 0) {
      auditDue = now + auditInterval.toNanos();
      enforcer.audit();
    }
    if (leftOutTries == 0 && !enforcer.leftOut().isEmpty()) {
      planRetry();
    }
  }

  /** Later each time, until none is left out any more. */
  private void planRetry() {
    leftOutTries = enforcer.leftOut().isEmpty() ? 0 : leftOutTries + 1;
    if (leftOutTries > 0) {
      leftOutDue =
          System.nanoTime()
              + leftOutPauses.after(leftOutTries, ThreadLocalRandom.current()).toNanos();
    }
  }

  /** Whether a change may make room for policies that the kernel refused. */
  private static boolean makesRoom(ClusterChange change) {
    return change instanceof ClusterChange.PolicySeen
        || change instanceof ClusterChange.PolicyGone
        || change instanceof ClusterChange.TierSeen
        || change instanceof ClusterChange.TierGone;
  }

  private void handle(List<Request> batch) {
    List<CompletableFuture<Void>> answers = new ArrayList<>();
    for (Request request : batch) {
      switch (request) {
        case Request.Change(ClusterChange change) -> {
          enforcer.apply(change);
          if (leftOutTries > 0 && makesRoom(change)) {
            leftOutDue = Math.min(leftOutDue, System.nanoTime() + leftOutPauses.first().toNanos());
          }
        }
        case Request.Synced _ -> enforcer.synced();
        case Request.Admit admit -> {
          waiting.computeIfAbsent(admit.pod().id(), _ -> new ArrayList<>(1)).add(admit.standing());
          if (enforcer.isSynced()) {
            enforcer.apply(new ClusterChange.PodWired(admit.pod()));
            answers.add(admit.closed());
          } else {
            isolateAtOnce(admit.pod(), admit.closed());
          }
        }
        case Request.Isolate(LocalPod pod) -> {
          if (enforcer.isSynced()) {
            enforcer.apply(new ClusterChange.PodWired(pod));
          } else {
            CompletableFuture<Void> closed = new CompletableFuture<>();
            isolateAtOnce(pod, closed);
            if (closed.isCompletedExceptionally()) {
              LOG.warn("{} is not closed before the cluster is known", pod.addresses());
            }
          }
        }
        case Request.Forget(LocalPod pod, CompletableFuture<Void> done) -> {
          enforcer.apply(new ClusterChange.PodUnwired(pod.id()));
          withdraw(pod);
          answers.add(done);
        }
        case Request.Owners(Set<IpAddress> addresses, var found) ->
            found.complete(enforcer.owners(addresses));
        case Request.Stop _ -> {}
      }
    }
    commit();
    if (failed) {
      answers.forEach(answer ->
          answer.completeExceptionally(
              new IllegalStateException("the kernel refused the policy transaction")));
      return;
    }
    answers.forEach(answer -> answer.complete(null));
    answerWaiting();
  }

  private void commit() {
    failed = !enforcer.commit();
    retryDue = System.nanoTime() + RETRY.toNanos();
  }

  private void isolateAtOnce(LocalPod pod, CompletableFuture<Void> done) {
    try {
      enforcer.isolate(pod);
      done.complete(null);
    } catch (RuntimeException e) {
      done.completeExceptionally(e);
    }
  }

  private void withdraw(LocalPod pod) {
    List<CompletableFuture<LocalElements.Standing>> futures = waiting.remove(pod.id());
    if (futures != null) {
      futures.forEach(future ->
          future.completeExceptionally(
              new IllegalStateException("pod " + pod.name() + " was forgotten")));
    }
  }

  private void answerWaiting() {
    waiting
        .entrySet()
        .removeIf(entry ->
            enforcer
                .standing(entry.getKey())
                .map(standing -> {
                  entry.getValue().forEach(future -> future.complete(standing));
                  return true;
                })
                .orElse(false));
  }

  /** Stops the thread; rules stay in the kernel. */
  @Override
  public void close() {
    inbox.add(new Request.Stop());
    try {
      thread.join(Duration.ofSeconds(10));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
