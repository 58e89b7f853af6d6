package io.portolan.node.attach;

import static org.assertj.core.api.Assertions.assertThat;

import io.portolan.common.net.IpAddress;
import io.portolan.node.endpoint.Attachment;
import io.portolan.node.endpoint.AttachmentId;
import io.portolan.node.endpoint.PodIdentity;
import io.portolan.policy.PodEndpoint;
import io.portolan.policy.PolicyGate;
import io.portolan.policy.Programmed;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Who waits for what an earlier pod left. */
final class PolicyAdmissionTest {
  private final SimulatedGate gate = new SimulatedGate();
  private final PolicyAdmission admission =
      new PolicyAdmission(Optional.of(gate), Duration.ofSeconds(1), Map::of);

  /** Remembers what was asked; the test answers. */
  private static final class SimulatedGate implements PolicyGate {
    private final List<String> asked = new ArrayList<>();
    private final List<CompletableFuture<Void>> answers = new ArrayList<>();

    private CompletableFuture<Void> answer() {
      CompletableFuture<Void> answer = new CompletableFuture<>();
      answers.add(answer);
      return answer;
    }

    @Override
    public synchronized Admission admit(PodEndpoint pod) {
      asked.add("admit " + pod.name());
      return new Admission(
          CompletableFuture.completedFuture(null),
          CompletableFuture.completedFuture(new Programmed("open", "open")));
    }

    @Override
    public synchronized Removal forget(PodEndpoint pod) {
      asked.add("forget " + pod.name());
      return new Removal(answer(), answer());
    }

    @Override
    public synchronized CompletableFuture<Void> forgetConnections(List<IpAddress> addresses) {
      asked.add("forget connections of " + addresses);
      return answer();
    }

    synchronized List<String> asked() {
      return List.copyOf(asked);
    }
  }

  @Test
  void anAddressIsNotGivenAnewBeforeItsConnectionsAreGone() throws InterruptedException {
    admission.forget(attachment("old", "10.0.0.1"));
    gate.answers.getFirst().complete(null);
    Thread other = begin(attachment("other", "10.0.0.2"));
    other.join();
    Thread next = begin(attachment("next", "10.0.0.1"));
    awaitWaiting(next);
    assertThat(gate.asked()).containsExactly("forget old", "admit other");
    gate.answers.getLast().complete(null);
    next.join();
    assertThat(gate.asked()).containsExactly("forget old", "admit other", "admit next");
  }

  @Test
  void theNextSandboxOfAPodWaitsForTheRulesOfTheLastOnly() throws InterruptedException {
    admission.forget(attachment("pod", "10.0.0.1"));
    Thread next = begin(attachment("pod", "10.0.0.2"));
    awaitWaiting(next);
    assertThat(gate.asked()).containsExactly("forget pod");
    gate.answers.getFirst().complete(null);
    next.join();
    assertThat(gate.asked()).containsExactly("forget pod", "admit pod");
  }

  @Test
  void nobodyWaitsForEverForWhatTheKernelRefuses() throws InterruptedException {
    admission.forget(attachment("pod", "10.0.0.1"));
    gate.answers.forEach(answer -> answer.completeExceptionally(new IllegalStateException("no")));
    begin(attachment("pod", "10.0.0.1")).join();
    assertThat(gate.asked()).containsExactly("forget pod", "admit pod");
  }

  @Test
  void afterAStartAddressesThatRestAreRidOfTheirConnections() throws InterruptedException {
    admission.forgetConnections(List.of(IpAddress.parse("10.0.0.1")));
    Thread next = begin(attachment("next", "10.0.0.1"));
    awaitWaiting(next);
    gate.answers.getFirst().complete(null);
    next.join();
    assertThat(gate.asked()).containsExactly("forget connections of [10.0.0.1]", "admit next");
  }

  private Thread begin(Attachment attachment) {
    return Thread.ofPlatform().start(() -> admission.begin(attachment));
  }

  private static void awaitWaiting(Thread thread) {
    while (thread.getState() != Thread.State.WAITING) {
      assertThat(thread.isAlive()).as("it does not wait").isTrue();
      Thread.onSpinWait();
    }
  }

  private static Attachment attachment(String pod, String address) {
    return new Attachment(
        new AttachmentId("portolan", "container-" + pod + address, "eth0"),
        Optional.of(new PodIdentity("shop", pod, "uid-" + pod)),
        "/run/netns/" + pod,
        "eni" + pod,
        List.of(IpAddress.parse(address)));
  }
}
