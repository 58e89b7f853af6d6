package io.portolan.calico.bgp;

/**
 * An object, or a part of one, that is left out; everything else is in force.
 *
 * @param object kind and name
 * @param message what is wrong and what to do
 */
public record BgpProblem(String object, String message) {
  @Override
  public String toString() {
    return object + ": " + message;
  }
}
