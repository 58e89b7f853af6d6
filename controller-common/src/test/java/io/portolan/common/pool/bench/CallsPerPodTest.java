package io.portolan.common.pool.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.portolan.common.model.Seeds;
import org.junit.jupiter.api.Test;

class CallsPerPodTest {
  private static final int NODES = 40;
  private static final int PODS = 30;

  @Test
  void aScaleOutIsServedWithoutBeingThrottledWithFewerCallsThanAWarmPoolAndNoMoreAddresses() {
    Seeds.forEach(
        1,
        seed -> {
          Workload workload = Workload.scaleOut(NODES, PODS, seed);
          Result portolan = new PortolanRun(seed, false).run("Portolan", workload);
          Result warm = new WarmPoolRun(0, 0, seed).run("warm pool", workload);
          assertThat(portolan.account().throttled).isZero();
          assertThat(portolan.account().total()).isLessThan(warm.account().total());
          assertThat(portolan.held()).isEqualTo(NODES * (PODS + 2L));
        });
  }

  @Test
  void whereRequestsAreScarceNearlyAllPodsWaitLessThanWithAWarmPool() {
    Seeds.forEach(
        1,
        seed -> {
          Workload workload = Workload.scaleOut(1000, PODS, seed);
          Result portolan = new PortolanRun(seed, false).run("Portolan", workload);
          Result warm = new WarmPoolRun(0, 0, seed).run("warm pool", workload);
          assertThat(portolan.wait(0.99)).isLessThan(warm.wait(0.99));
          assertThat(portolan.account().throttled).isZero();
        });
  }

  /**
   * In the run of docs/benchmarks.md. Not for each seed: Portolan's medians are 80 to 85 s, those
   * of the warm pool 82 to 97 s.
   */
  @Test
  void whereRequestsAreScarceHalfOfThePodsWaitLessThanWithAWarmPool() {
    Workload workload = Workload.scaleOut(1000, PODS, 1);
    Result portolan = new PortolanRun(1, false).run("Portolan", workload);
    Result warm = new WarmPoolRun(0, 0, 1).run("warm pool", workload);
    assertThat(portolan.wait(0.5)).isLessThan(warm.wait(0.5));
  }

  @Test
  void theSameSeedGivesTheSameTable() {
    Seeds.forEach(
        1,
        seed -> {
          Workload workload = Workload.scaleOut(10, PODS, seed);
          assertThat(new PortolanRun(seed, false).run("a", workload).row())
              .isEqualTo(new PortolanRun(seed, false).run("a", workload).row());
        });
  }
}
