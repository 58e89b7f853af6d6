package io.portolan.lab.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class BenchTablesTest {
  @Test
  void latenciesShowHowManyTimesLessOursTake() {
    assertThat(
            BenchTables.latencies(
                millis(2, 1, 4), millis(3, 3, 3), millis(12, 10, 20), millis(30, 24, 36), "A", "B"))
        .isEqualTo(
            """
            |  | n | p50 ms | p90 ms | p99 ms | min ms |
            |---|---:|---:|---:|---:|---:|
            | ADD, A | 3 | 2.00 | 4.00 | 4.00 | 1.00 |
            | ADD, B | 3 | 12.00 | 20.00 | 20.00 | 10.00 |
            | ADD, ratio |  | **6.0 ×** | **5.0 ×** | **5.0 ×** | **10.0 ×** |
            | DEL, A | 3 | 3.00 | 3.00 | 3.00 | 3.00 |
            | DEL, B | 3 | 30.00 | 36.00 | 36.00 | 24.00 |
            | DEL, ratio |  | **10.0 ×** | **12.0 ×** | **12.0 ×** | **8.0 ×** |\
            """);
  }

  @Test
  void stormsShowMediansAndThroughput() {
    Duration add = Duration.ofMillis(100);
    CniBench.Storm calm = new CniBench.Storm(add, Duration.ofMillis(50), Duration.ofMillis(80));
    CniBench.Storm rough = new CniBench.Storm(add, Duration.ofMillis(500), Duration.ofMillis(800));
    assertThat(BenchTables.storms(110, Map.of("A", List.of(rough, calm, calm))))
        .isEqualTo(
            """
            |  | rounds | all 110 ADD answered, ms | all 110 DEL answered, ms | DEL per second | links gone, ms |
            |---|---:|---:|---:|---:|---:|
            | A | 3 | 100 | 50.00 | 2200 | 80.00 |\
            """);
  }

  @Test
  void aTableTakesNoRowOfAnotherShape() {
    assertThatThrownBy(() -> new Table("a", "b").row("1")).hasMessageContaining("1 cells");
    assertThatThrownBy(() -> new Table("a").row("x | y")).hasMessageContaining("bar");
  }

  private static Samples millis(int... values) {
    return Samples.of(java.util.Arrays.stream(values).mapToObj(Duration::ofMillis).toList());
  }
}
