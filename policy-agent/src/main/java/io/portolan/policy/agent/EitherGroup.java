package io.portolan.policy.agent;

import com.fasterxml.jackson.databind.JsonNode;
import io.portolan.common.kube.KubeClient;
import io.portolan.common.kube.KubeEvent;
import io.portolan.common.kube.KubeWatch;
import io.portolan.common.kube.RecordDecoder;
import io.portolan.common.kube.WatchOptions;
import io.portolan.common.kube.WatchScope;
import io.portolan.policy.calico.CalicoKinds;
import io.portolan.policy.calico.StoredForm;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows a kind of Calico's where the cluster serves it: in the API that people use
 * (projectcalico.org/v3), or, where that is not installed, as Calico stores it
 * (crd.projectcalico.org/v1). Never both: the one is a view of the other.
 *
 * <p>What is known stays known while it goes from one to the other, as its first list replaces all.
 * It goes at once when the server says that it does not know the one; only when it knows neither,
 * what is known is kept for a while ({@link WatchOptions#retention}). A server that does not
 * answer, or not with that, changes nothing.
 */
final class EitherGroup implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(EitherGroup.class);

  private final KubeClient client;
  private final CalicoKinds.Kind kind;
  private final Consumer<KubeEvent<JsonNode>> consumer;
  private final WatchOptions options;
  private final KubeWatch<JsonNode> used;

  // Guarded by this; no watch is closed under it, as its thread may be waiting for it.
  private Optional<KubeWatch<JsonNode>> stored = Optional.empty();

  /** Which of the watches of the stored form is listened to; one that ended may still speak. */
  private int turn;

  private boolean closed;

  /** Whether the last list heard was of a kind that the server knows. */
  private boolean known;

  /**
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
    this.used =
        KubeWatch.start(
            client,
            WatchScope.all(kind.path()),
            RecordDecoder.ofTree(tree -> tree),
            this::ofUsed,
            options.withRetention(Duration.ZERO));
  }

  private void ofUsed(KubeEvent<JsonNode> event) {
    Optional<KubeWatch<JsonNode>> ended = Optional.empty();
    synchronized (this) {
      if (event instanceof KubeEvent.Synced<JsonNode> synced) {
        if (!synced.served()) {
          followStored();
          return;
        }
        ended = stored;
        stored = Optional.empty();
        known = true;
        turn++;
      }
      // While the other one is followed, this one has nothing to say.
      if (stored.isEmpty()) {
        consumer.accept(event);
      }
    }
    ended.ifPresent(KubeWatch::close);
  }

  private void followStored() {
    if (closed || stored.isPresent()) {
      return;
    }
    int mine = ++turn;
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

  private synchronized void ofStored(int whose, StoredEvents names, KubeEvent<JsonNode> event) {
    if (whose == turn) {
      if (event instanceof KubeEvent.Synced<JsonNode> synced) {
        known = synced.served();
      }
      names.used(event).forEach(consumer);
    }
  }

  @Override
  public void close() {
    Optional<KubeWatch<JsonNode>> ended;
    synchronized (this) {
      closed = true;
      turn++;
      ended = stored;
      stored = Optional.empty();
    }
    used.close();
    ended.ifPresent(KubeWatch::close);
  }
}
