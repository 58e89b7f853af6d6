package io.portolan.lab.scenario;

/**
 * @param seed of the choices of what is started, stopped and killed; the moments are the machine's
 * @param pods how many pods are started in all
 * @param kills how often a component is killed
 */
public record ChurnOptions(long seed, int pods, int kills) {
  public ChurnOptions {
    if (pods < 1 || kills < 0) {
      throw new IllegalArgumentException("--pods is at least 1 and --kills at least 0");
    }
  }
}
