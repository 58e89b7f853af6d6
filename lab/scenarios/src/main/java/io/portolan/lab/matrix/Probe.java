package io.portolan.lab.matrix;

/**
 * One question: can {@code from} open a TCP connection to {@code to}?
 *
 * @param port the port at {@code to}
 */
public record Probe(Workload from, Workload to, int port) {
  @Override
  public String toString() {
    return from.key() + " -> " + to.key() + ":" + port;
  }
}
