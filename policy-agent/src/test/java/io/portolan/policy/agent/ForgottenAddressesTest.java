package io.portolan.policy.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.portolan.common.net.IpAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

final class ForgottenAddressesTest {
  private static final List<IpAddress> A = List.of(IpAddress.parse("10.0.0.1"));
  private static final List<IpAddress> B =
      List.of(IpAddress.parse("10.0.0.2"), IpAddress.parse("fd00::2"));

  private final List<Runnable> later = new ArrayList<>();
  private final List<String> done = new ArrayList<>();
  private final ForgottenAddresses forgotten = new ForgottenAddresses(new Recorded(), later::add);

  private final class Recorded implements Connections {
    @Override
    public void forget(List<IpAddress> addresses) {
      if (done.size() == 1) {
        done.add("refused " + addresses);
        throw new IllegalStateException("refused");
      }
      done.add("forgot " + addresses);
    }

    @Override
    public void clearMarks(int mask) {}
  }

  @Test
  void theAddressesOfSomeMomentsGoAtOnceAndNobodyIsAnsweredBefore() {
    CompletableFuture<Void> a = forgotten.add(A);
    CompletableFuture<Void> b = forgotten.add(B);
    CompletableFuture<Void> again = forgotten.add(A);
    assertThat(later).hasSize(1);
    assertThat(List.of(a, b, again)).noneMatch(CompletableFuture::isDone);
    later.removeFirst().run();
    assertThat(done).containsExactly("forgot [10.0.0.1, 10.0.0.2, fd00::2]");
    assertThat(List.of(a, b, again)).allMatch(CompletableFuture::isDone);
  }

  @Test
  void whatIsAddedLaterIsNotAnsweredByAnEarlierRemoval() {
    CompletableFuture<Void> a = forgotten.add(A);
    later.removeFirst().run();
    CompletableFuture<Void> b = forgotten.add(B);
    assertThat(a).isCompleted();
    assertThat(b).isNotDone();
    later.removeFirst().run();
    assertThat(b).isCompletedExceptionally();
    CompletableFuture<Void> c = forgotten.add(B);
    later.removeFirst().run();
    assertThat(c).isCompleted();
    assertThat(done)
        .containsExactly(
            "forgot [10.0.0.1]", "refused [10.0.0.2, fd00::2]", "forgot [10.0.0.2, fd00::2]");
  }

  @Test
  void nothingIsDoneForNoAddress() {
    assertThat(forgotten.add(List.of())).isCompleted();
    assertThat(later).isEmpty();
  }
}
