package io.portolan.sim.ec2.contract;

import java.util.function.Supplier;
import org.junit.jupiter.api.Assumptions;

/** What a test needs of the machine it runs on. */
final class Prerequisite {
  private Prerequisite() {}

  /**
   * Skips the calling test if {@code met} is false. The reason is printed as well: the test reports
   * show a class skipped before its first test as if it had none.
   */
  static void require(boolean met, Supplier<String> reason) {
    if (!met) {
      System.out.println("SKIPPED: " + reason.get());
      Assumptions.abort(reason.get());
    }
  }
}
