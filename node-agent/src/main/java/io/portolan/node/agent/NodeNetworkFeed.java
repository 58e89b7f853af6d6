package io.portolan.node.agent;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.portolan.common.api.v1alpha1.NodeNetworkSpec;
import io.portolan.common.api.v1alpha1.NodeNetworkStatus;
import io.portolan.common.kube.KubeClient;
import io.portolan.common.kube.KubeEvent;
import io.portolan.common.kube.KubeResult;
import io.portolan.common.kube.KubeWatch;
import io.portolan.common.kube.RecordDecoder;
import io.portolan.common.kube.ResourcePath;
import io.portolan.common.kube.WatchScope;
import io.portolan.node.ipam.PoolView;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The node's NodeNetwork: its supply comes in by a watch, the node's use of it goes out by
 * server-side apply when an answer to the controller changes. Nothing is written per pod.
 */
final class NodeNetworkFeed implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(NodeNetworkFeed.class);
  private static final String MANAGER = "portolan-agent";
  private static final Duration RETRY = Duration.ofSeconds(1);
  private static final JsonMapper MAPPER =
      JsonMapper.builder().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();

  private final KubeClient client;
  private final String nodeName;
  private final NodeAgent agent;
  private final KubeWatch<Seen> watch;
  private final Semaphore due = new Semaphore(0);
  private final Thread writer;
  private volatile boolean closed;

  /** The UID of the object there is; empty if there is none. Another one has none of our status. */
  private volatile String uid = "";

  /** Whether it was told that the API server is away; used by the watch's thread. */
  private boolean away;

  NodeNetworkFeed(KubeClient client, String nodeName, NodeAgent agent) {
    this.client = client;
    this.nodeName = nodeName;
    this.agent = agent;
    watch =
        KubeWatch.start(
            client,
            WatchScope.one(ResourcePath.NODE_NETWORKS, nodeName),
            RecordDecoder.ofTree(NodeNetworkFeed::seen),
            this::take);
    writer = Thread.ofVirtual().name("node-network-status").start(this::write);
  }

  /**
   * What of the object concerns the node.
   *
   * @param given empty while there is no supply, or none that can be read
   */
  private record Seen(String uid, Optional<Given> given) {}

  private record Given(NodeNetworkStatus.Supply supply, NodeNetworkSpec.@Nullable Pods pods) {}

  private static Seen seen(JsonNode object) {
    return new Seen(object.path("metadata").path("uid").asText("unknown"), given(object));
  }

  private static Optional<Given> given(JsonNode object) {
    JsonNode supply = object.path("status").path("supply");
    if (!supply.isObject()) {
      return Optional.empty();
    }
    try {
      JsonNode pods = object.path("spec").path("pods");
      return Optional.of(
          new Given(
              MAPPER.treeToValue(supply, NodeNetworkStatus.Supply.class),
              pods.isObject() ? MAPPER.treeToValue(pods, NodeNetworkSpec.Pods.class) : null));
    } catch (JsonProcessingException e) {
      LOG.error("the NodeNetwork cannot be read and is ignored: {}", e.getOriginalMessage());
      return Optional.empty();
    }
  }

  private void take(KubeEvent<Seen> event) {
    switch (event) {
      case KubeEvent.Synced<Seen>(List<Seen> found, boolean _) -> {
        connected();
        if (found.isEmpty()) {
          uid = "";
        }
        found.forEach(this::take);
      }
      case KubeEvent.Upsert<Seen>(Seen found) -> take(found);
      // Gone with its Node, most likely. What pods hold they keep; the cloud decides the rest.
      case KubeEvent.Delete<Seen> _ -> uid = "";
      case KubeEvent.Disconnected<Seen>(String reason) -> {
        away = true;
        LOG.warn("the API server is not reachable, pods are served from what is known: {}", reason);
      }
      case KubeEvent.Resumed<Seen> _ -> connected();
    }
  }

  private void connected() {
    if (away) {
      away = false;
      LOG.info("connected again");
    }
  }

  private void take(Seen found) {
    found.given().ifPresent(given -> agent.supply(given.supply(), given.pods()));
    if (!uid.equals(found.uid())) {
      uid = found.uid();
      due.release();
    }
  }

  /** The pool changed; if an answer did, it is published. */
  void changed(PoolView before, PoolView now) {
    if (!before.answers().equals(now.answers())) {
      due.release();
    }
  }

  private void write() {
    boolean owed = false;
    try {
      while (!closed) {
        if (!owed) {
          due.acquire();
        } else if (due.tryAcquire(RETRY.toMillis(), TimeUnit.MILLISECONDS)) {
          LOG.debug("another reason to write the status");
        }
        due.drainPermits();
        owed = !uid.isEmpty() && !closed && !apply();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Whether the status is in the API. */
  private boolean apply() throws InterruptedException {
    try {
      PoolView pool = agent.pool();
      NodeNetworkStatus.Use use =
          new NodeNetworkStatus.Use(
              Optional.ofNullable(NodeNetworkFeed.class.getPackage().getImplementationVersion())
                  .orElse("0.1.0"),
              agent.bindingAnswers(),
              pool.held(),
              pool.resting());
      ObjectNode object = MAPPER.createObjectNode();
      object.put("apiVersion", ResourcePath.NODE_NETWORKS.apiVersion()).put("kind", "NodeNetwork");
      object.putObject("metadata").put("name", nodeName);
      object.putObject("status").set("use", MAPPER.valueToTree(use));
      KubeResult<ObjectNode> result =
          client.apply(ResourcePath.NODE_NETWORKS.status("", nodeName), MANAGER, object);
      result.failure().ifPresent(fault -> LOG.warn("NodeNetwork status: {}", fault));
      return result.failure().isEmpty();
    } catch (IOException e) {
      LOG.warn("answers cannot be written to disk and are held back: {}", e.toString());
      return false;
    }
  }

  @Override
  public void close() {
    closed = true;
    due.release();
    watch.close();
    writer.interrupt();
  }
}
