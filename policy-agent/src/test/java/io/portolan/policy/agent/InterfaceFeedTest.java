package io.portolan.policy.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.portolan.common.net.IpAddress;
import io.portolan.policy.model.ClusterChange;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.Test;

/** The feed over simulated interfaces. */
class InterfaceFeedTest {
  /** A node has at least one interface; none stands for the end. */
  private static final Map<String, List<IpAddress>> CLOSED = Map.of();

  private final BlockingQueue<ClusterChange> heard = new LinkedBlockingQueue<>();

  /** Interfaces whose next states wait in a queue. */
  private static final class Simulated implements HostInterfaces {
    private final BlockingQueue<Map<String, List<IpAddress>>> states = new LinkedBlockingQueue<>();
    private volatile Map<String, List<IpAddress>> present = Map.of("eth0", List.of());

    @Override
    public Map<String, List<IpAddress>> addresses() {
      return present;
    }

    @Override
    public boolean await(Duration patience) {
      try {
        Map<String, List<IpAddress>> next = states.take();
        if (next.isEmpty()) {
          return false;
        }
        present = next;
        return true;
      } catch (InterruptedException e) {
        return false;
      }
    }

    @Override
    public void close() {
      states.add(CLOSED);
    }
  }

  @Test
  void reportsWhatChanges() throws Exception {
    Simulated interfaces = new Simulated();
    Map<String, List<IpAddress>> first =
        Map.of("eth0", List.of(IpAddress.parse("10.0.0.2"), IpAddress.parse("10.0.0.1")));
    Map<String, List<IpAddress>> same =
        Map.of("eth0", List.of(IpAddress.parse("10.0.0.1"), IpAddress.parse("10.0.0.2")));
    Map<String, List<IpAddress>> other = Map.of("eth1", List.of(IpAddress.parse("10.0.0.1")));
    ClusterSink sink =
        new ClusterSink() {
          @Override
          public void changed(ClusterChange change) {
            heard.add(change);
          }

          @Override
          public void synced() {}
        };
    try (InterfaceFeed _ = InterfaceFeed.start("n1", interfaces, sink)) {
      assertThat(heard.poll())
          .isEqualTo(new ClusterChange.ThisNode("n1", Map.of("eth0", List.of())));
      interfaces.states.addAll(List.of(first, same, other));
      assertThat(heard.take()).isEqualTo(new ClusterChange.ThisNode("n1", first));
      assertThat(heard.take()).isEqualTo(new ClusterChange.ThisNode("n1", other));
    }
  }
}
