package io.portolan.calico.node;

import com.fasterxml.jackson.databind.JsonNode;
import io.portolan.calico.bgp.BgpProblem;
import io.portolan.calico.bgp.BgpSnapshot;
import io.portolan.calico.bgp.BgpSnapshot.SecretKey;
import io.portolan.calico.bgp.BirdConfiguration;
import io.portolan.calico.bgp.bird.BirdProcess;
import io.portolan.calico.bgp.bird.CheckedConfiguration;
import io.portolan.calico.bgp.bird.SessionState;
import io.portolan.common.kube.KubeClient;
import io.portolan.common.kube.KubeFault;
import io.portolan.common.kube.ResourcePath;
import io.portolan.linux.route.RouteFilter;
import io.portolan.linux.route.RouteProtocol;
import io.portolan.linux.route.RouteSocket;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps this node's BIRD configured as the cluster says, and running. One thread owns it.
 *
 * <p>A BIRD that died is started again with what is wanted; as long as routes of its are in the
 * kernel it recovers them, so that packets go on meanwhile.
 */
final class BgpSpeaker implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(BgpSpeaker.class);
  private static final Duration WATCHED = Duration.ofSeconds(2);

  /** How often passwords are looked up again. */
  private static final Duration PASSWORDS = Duration.ofSeconds(30);

  private final KubeClient client;
  private final String secretNamespace;
  private final BirdProcess bird;
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(Thread.ofPlatform().name("bgp").factory());
  private volatile List<SessionState> sessions = List.of();
  private volatile Optional<String> problem = Optional.of("BIRD has not been started yet");

  // Owned by the thread.
  private Optional<BgpSnapshot> wanted = Optional.empty();
  private List<BgpProblem> rejected = List.of();
  private String used = "";
  private List<BgpProblem> told = List.of();
  private Map<SecretKey, String> passwords = Map.of();
  private long passwordsRead = Long.MIN_VALUE / 2;

  /**
   * @param program BIRD 2
   * @param directory for its configuration and socket
   * @param secretNamespace where Secrets with passwords are
   */
  BgpSpeaker(KubeClient client, Path program, Path directory, String secretNamespace)
      throws IOException {
    this.client = client;
    this.secretNamespace = secretNamespace;
    bird = new BirdProcess(program, directory);
    var _ =
        thread.scheduleWithFixedDelay(
            this::look, WATCHED.toMillis(), WATCHED.toMillis(), TimeUnit.MILLISECONDS);
  }

  /**
   * Takes over what is wanted. Returns at once.
   *
   * @param problems objects that were rejected
   */
  void want(BgpSnapshot snapshot, List<BgpProblem> problems) {
    try {
      thread.execute(() -> {
        if (!wanted.equals(Optional.of(snapshot)) || !problems.equals(rejected)) {
          wanted = Optional.of(snapshot);
          rejected = List.copyOf(problems);
          configure();
        }
      });
    } catch (RejectedExecutionException e) {
      LOG.debug("stopping");
    }
  }

  private void look() {
    try {
      if (wanted.isEmpty()) {
        return;
      }
      boolean dead = !bird.isAlive();
      if (dead && !used.isEmpty()) {
        LOG.warn("BIRD died; it is started again");
      }
      if (dead || System.nanoTime() - passwordsRead > PASSWORDS.toNanos()) {
        configure();
      }
      sessions = bird.sessions();
    } catch (RuntimeException e) {
      LOG.error("BGP could not be looked after", e);
    }
  }

  private void configure() {
    try {
      BgpSnapshot snapshot = wanted.orElseThrow();
      readPasswords(snapshot);
      BirdConfiguration next = CheckedConfiguration.of(snapshot.with(passwords), bird::check);
      if (!next.text().equals(used) || !bird.isAlive()) {
        bird.use(next.text(), hasRoutes());
        used = next.text();
        LOG.info("BIRD is configured: {} sessions", next.sessions().size());
      }
      tell(next);
    } catch (IOException e) {
      LOG.warn("BGP: {}", e.getMessage());
      problem = Optional.of(String.valueOf(e.getMessage()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      LOG.error("BGP could not be configured", e);
    }
  }

  private void tell(BirdConfiguration made) {
    List<BgpProblem> problems = new ArrayList<>(rejected);
    problems.addAll(made.problems());
    problems.stream().filter(p -> !told.contains(p)).forEach(p -> LOG.warn("BGP: {}", p));
    told = problems;
    problem = problems.stream().findFirst().map(BgpProblem::toString);
  }

  /** Whether a BIRD before has left routes that are not to be lost. */
  private static boolean hasRoutes() {
    try (RouteSocket socket = RouteSocket.open()) {
      return !socket.routes(RouteFilter.ALL.withProtocol(RouteProtocol.BIRD)).isEmpty();
    }
  }

  /** One that cannot be read now stays as it was; sessions do not go for a moment's outage. */
  private void readPasswords(BgpSnapshot snapshot) {
    Map<SecretKey, String> next = new TreeMap<>(Comparator.comparing(SecretKey::toString));
    for (SecretKey key : snapshot.secretKeys()) {
      var answer =
          client.get(new ResourcePath("", "v1", "secrets").object(secretNamespace, key.name()));
      Optional<String> text =
          answer
              .toOptional()
              .map(secret -> secret.path("data").path(key.key()))
              .filter(JsonNode::isTextual)
              .flatMap(data -> decoded(data.asText()));
      boolean unknown =
          answer.failure().filter(f -> f.kind() != KubeFault.Kind.NOT_FOUND).isPresent();
      if (unknown && passwords.containsKey(key)) {
        text = Optional.ofNullable(passwords.get(key));
      }
      text.ifPresent(t -> next.put(key, t));
    }
    passwords = next;
    passwordsRead = System.nanoTime();
  }

  private static Optional<String> decoded(String data) {
    try {
      return Optional.of(new String(Base64.getDecoder().decode(data), StandardCharsets.UTF_8));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /** How the sessions were a moment ago. */
  List<SessionState> sessions() {
    return sessions;
  }

  /** Why BGP is not as it should be; empty if it is. */
  Optional<String> problem() {
    return problem.or(() ->
        sessions.stream()
            .filter(s -> !s.established())
            .findFirst()
            .map(s -> "BGP session " + s.protocol() + " is not established: " + s.info()));
  }

  /** Ends the work; BIRD goes on. */
  @Override
  public void close() {
    thread.shutdownNow();
  }
}
