package io.portolan.sim.seed;

import java.util.SplittableRandom;

/**
 * A seed that is drawn anew for each run and can be fixed by {@code -Dportolan.seed=N}.
 *
 * @param value what to seed generators with
 */
public record Seed(long value) {
  /**
   * The seed of the system property, or a new one; printed either way.
   *
   * @param purpose names the test in the printed line
   */
  public static Seed draw(String purpose) {
    String fixed = System.getProperty("portolan.seed", "");
    long value = fixed.isEmpty() ? System.nanoTime() & 0xffff_ffffL : Long.parseLong(fixed);
    System.out.println(purpose + ": replay with -Dportolan.seed=" + value);
    return new Seed(value);
  }

  public SplittableRandom random() {
    return new SplittableRandom(value);
  }
}
