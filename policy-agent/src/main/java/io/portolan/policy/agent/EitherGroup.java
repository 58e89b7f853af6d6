package io.portolan.policy.agent;

import com.fasterxml.jackson.databind.JsonNode;
import io.portolan.common.kube.KubeClient;
import io.portolan.common.kube.KubeEvent;
import io.portolan.common.kube.KubeWatch;
import io.portolan.common.kube.RecordDecoder;
import io.portolan.common.kube.WatchOptions;
import io.portolan.common.kube.WatchScope;
import io.portolan.policy.calico.CalicoKinds;
import io.portolan.policy.calico.InForce;
import io.portolan.policy.calico.StoredForm;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows a kind of Calico's where its objects are ({@link InForce}); where Calico does not say
 * that, in the API that people use, or, if that is not served, as Calico stores it. Never both.
 *
 * <p>What is known stays known while it goes from one to the other. Where Calico said so, the
 * other's first list replaces all. Where only the server said that it does not know the one, what
 * the other lacks is kept for a while ({@link WatchOptions#retention}), as when it knows neither. A
 * server that does not answer, or not with that, changes nothing.
 */
final class EitherGroup implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(EitherGroup.class);

  private final KubeClient client;
  private final CalicoKinds.Kind kind;
  private final Consumer<KubeEvent<JsonNode>> consumer;
  private final WatchOptions options;

  // Guarded by this; no watch is closed under it, as its thread may be waiting for it.
  private final Succession succession = new Succession();
  private Optional<InForce> inForce = Optional.empty();
  private Optional<KubeWatch<JsonNode>> used = Optional.empty();
  private Optional<KubeWatch<JsonNode>> stored = Optional.empty();

  /** Which of the watches are listened to; one that ended may still speak. */
  private int usedTurn;

  private int storedTurn;

  /** The sum of the turns at the last list that another group's objects were compared with. */
  private int keptSince;

  /** Waits until what only the other group showed is no longer believed. */
  private Optional<Thread> expiry = Optional.empty();

  private boolean closed;

  /** Whether the last list heard was of a kind that the server knows. */
  private boolean known;

  /**
   * Follows nothing yet.
   *
   * @param consumer called by one thread at a time
   * @param options with absence
   */
  EitherGroup(
      KubeClient client,
      CalicoKinds.Kind kind,
      Consumer<KubeEvent<JsonNode>> consumer,
      WatchOptions options) {
    this.client = client;
    this.kind = kind;
    this.consumer = consumer;
    this.options = options;
  }

  /** Begins to follow, or goes on elsewhere. */
  void follow(InForce next) {
    List<KubeWatch<JsonNode>> ended = new ArrayList<>();
    synchronized (this) {
      if (closed || inForce.equals(Optional.of(next))) {
        return;
      }
      inForce = Optional.of(next);
      used.ifPresent(ended::add);
      used = Optional.empty();
      usedTurn++;
      endStored().ifPresent(ended::add);
      switch (next) {
        case USED -> {
          succession.believe(CalicoGroup.USED);
          followUsed(known ? options.presumed() : options);
        }
        case STORED -> {
          succession.believe(CalicoGroup.STORED);
          followStored();
        }
        case EITHER -> followUsed(options.withRetention(Duration.ZERO));
      }
    }
    ended.forEach(KubeWatch::close);
  }

  private void followUsed(WatchOptions how) {
    int mine = ++usedTurn;
    used =
        Optional.of(
            KubeWatch.start(
                client,
                WatchScope.all(kind.path()),
                RecordDecoder.ofTree(tree -> tree),
                event -> ofUsed(mine, event),
                how));
  }

  private void ofUsed(int whose, KubeEvent<JsonNode> event) {
    Optional<KubeWatch<JsonNode>> ended = Optional.empty();
    synchronized (this) {
      if (whose != usedTurn) {
        return;
      }
      if (event instanceof KubeEvent.Synced<JsonNode> synced) {
        if (!synced.served() && inForce.equals(Optional.of(InForce.EITHER))) {
          if (stored.isEmpty()) {
            followStored();
          }
          return;
        }
        ended = endStored();
        known = synced.served();
      }
      // While the other one is followed, this one has nothing to say.
      if (stored.isEmpty()) {
        pass(CalicoGroup.USED, event);
      }
    }
    ended.ifPresent(KubeWatch::close);
  }

  private void followStored() {
    int mine = ++storedTurn;
    StoredEvents names = new StoredEvents(kind.name());
    LOG.info("{}: taken as they are stored, in {}", kind.path(), StoredForm.API_VERSION);
    stored =
        Optional.of(
            KubeWatch.start(
                client,
                WatchScope.all(StoredForm.path(kind.path())),
                RecordDecoder.ofTree(tree -> tree),
                event -> ofStored(mine, names, event),
                known ? options.presumed() : options));
  }

  private Optional<KubeWatch<JsonNode>> endStored() {
    Optional<KubeWatch<JsonNode>> ended = stored;
    stored = Optional.empty();
    storedTurn++;
    return ended;
  }

  private synchronized void ofStored(int whose, StoredEvents names, KubeEvent<JsonNode> event) {
    if (whose == storedTurn) {
      if (event instanceof KubeEvent.Synced<JsonNode> synced) {
        known = synced.served();
      }
      names.used(event).forEach(used -> pass(CalicoGroup.STORED, used));
    }
  }

  private void pass(CalicoGroup group, KubeEvent<JsonNode> event) {
    succession.from(group, event).forEach(consumer);
    int turns = usedTurn + storedTurn;
    if (event instanceof KubeEvent.Synced<JsonNode> && turns != keptSince) {
      keptSince = turns;
      expiry.ifPresent(Thread::interrupt);
      expiry = Optional.empty();
      int kept = succession.kept(group);
      if (kept > 0) {
        LOG.warn(
            "{}: {} that {} does not have are kept for {}",
            kind.path(),
            kept,
            group == CalicoGroup.STORED ? StoredForm.API_VERSION : CalicoKinds.API_VERSION,
            options.retention());
        expiry = Optional.of(Thread.ofVirtual().start(() -> expire(group, turns)));
      }
    }
  }

  private void expire(CalicoGroup group, int turns) {
    try {
      Thread.sleep(options.retention());
    } catch (InterruptedException e) {
      return;
    }
    synchronized (this) {
      if (!closed && turns == usedTurn + storedTurn && !Thread.currentThread().isInterrupted()) {
        succession.expire(group).forEach(consumer);
      }
    }
  }

  @Override
  public void close() {
    List<KubeWatch<JsonNode>> ended = new ArrayList<>();
    synchronized (this) {
      closed = true;
      usedTurn++;
      used.ifPresent(ended::add);
      used = Optional.empty();
      endStored().ifPresent(ended::add);
      expiry.ifPresent(Thread::interrupt);
    }
    ended.forEach(KubeWatch::close);
  }
}
