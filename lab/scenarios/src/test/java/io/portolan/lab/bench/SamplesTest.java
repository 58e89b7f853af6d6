package io.portolan.lab.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

final class SamplesTest {
  private static final long MILLI = 1_000_000;

  @Test
  void quantilesAreNearestRanksWhateverTheOrder() {
    Samples samples =
        new Samples(LongStream.rangeClosed(1, 100).mapToObj(i -> (101 - i) * MILLI).toList());
    assertThat(samples.minMillis()).isEqualTo(1);
    assertThat(samples.medianMillis()).isEqualTo(50);
    assertThat(samples.millis(0.99)).isEqualTo(99);
    assertThat(samples.millis(1)).isEqualTo(100);
    assertThat(samples.maxMillis()).isEqualTo(100);
  }

  @Test
  void aHighQuantileOfFewSamplesIsTheirMaximum() {
    Samples samples = new Samples(List.of(3 * MILLI, MILLI, 2 * MILLI));
    assertThat(samples.millis(0.99)).isEqualTo(3);
    assertThat(samples.medianMillis()).isEqualTo(2);
  }

  @Test
  void nothingMeasuredIsNoFigure() {
    assertThatThrownBy(() -> new Samples(List.of())).hasMessageContaining("nothing was measured");
    assertThatThrownBy(() -> new Samples(List.of(1L)).millis(0)).hasMessageContaining("quantile 0");
  }
}
