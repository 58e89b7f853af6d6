package io.portolan.node.cni;

/** Carries requests out. Called from many threads at once; calls may take long. */
@FunctionalInterface
public interface CniHandler {
  /** Expected failures are answers; an exception is a bug and answered as internal error. */
  CniAnswer handle(CniRequest request);
}
