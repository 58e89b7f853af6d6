package io.portolan.sim.kube.patch;

/** A patch that cannot be read or does not fit the object: the client's fault. */
public final class PatchException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public PatchException(String message) {
    super(message);
  }
}
