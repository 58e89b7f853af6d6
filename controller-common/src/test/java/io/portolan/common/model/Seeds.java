package io.portolan.common.model;

import java.util.function.LongConsumer;

/** Runs a law for many seeds; {@code -Dportolan.seed=N} runs it for that one. */
public final class Seeds {
  private Seeds() {}

  /** A failure names the seed that replays it. */
  public static void forEach(int count, LongConsumer law) {
    String replay = System.getProperty("portolan.seed", "");
    long first = replay.isEmpty() ? System.nanoTime() & 0xffff_ffffL : Long.parseLong(replay);
    int times = replay.isEmpty() ? count : 1;
    for (long seed = first; seed < first + times; seed++) {
      try {
        law.accept(seed);
      } catch (RuntimeException | AssertionError e) {
        throw new AssertionError("replay with -Dportolan.seed=" + seed + ": " + e.getMessage(), e);
      }
    }
  }
}
