package io.portolan.lab.scenario;

import java.io.PrintStream;
import java.util.Locale;

/** Tells a waiting person what is going on, with the seconds since the start. */
public final class Progress {
  private final PrintStream out;
  private final long start = System.nanoTime();

  public Progress(PrintStream out) {
    this.out = out;
  }

  /** One line. */
  public synchronized void step(String text) {
    out.printf(Locale.ROOT, "%6.1f s  %s%n", seconds(), text);
  }

  /** Seconds since the start. */
  public double seconds() {
    return (System.nanoTime() - start) / 1e9;
  }
}
