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

  /**
   * On the average and at the late end for each seed, by a third and more. The medians of 100 and
   * 500 nodes are no law: there half of the pods wait for some seconds at most with either, and
   * which of the two is ahead by some tenths of a second depends on who came first.
   */
  @Test
  void aScaleOutOfAnySizeWaitsLessThanWithAWarmPool() {
    Seeds.forEach(
        1,
        seed -> {
          for (int nodes : new int[] {100, 500, 1000}) {
            Workload workload = Workload.scaleOut(nodes, PODS, seed);
            Result portolan = new PortolanRun(seed, false).run("Portolan", workload);
            Result warm = new WarmPoolRun(0, 0, seed).run("warm pool", workload);
            assertThat(portolan.meanWait().multipliedBy(3))
                .isLessThan(warm.meanWait().multipliedBy(2));
            assertThat(portolan.wait(0.99).multipliedBy(3))
                .isLessThan(warm.wait(0.99).multipliedBy(2));
            assertThat(portolan.account().throttled).isZero();
            assertThat(portolan.held()).isEqualTo(nodes * (PODS + 2L));
          }
        });
  }

  /** In the run of docs/benchmarks.md, where half of the pods wait at all. */
  @Test
  void inTheDocumentedRunHalfOfThePodsWaitNoLongerThanWithAWarmPool() {
    for (int nodes : new int[] {500, 1000}) {
      Workload workload = Workload.scaleOut(nodes, PODS, 1);
      Result portolan = new PortolanRun(1, false).run("Portolan", workload);
      Result warm = new WarmPoolRun(0, 0, 1).run("warm pool", workload);
      assertThat(portolan.wait(0.5)).isLessThanOrEqualTo(warm.wait(0.5));
    }
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
