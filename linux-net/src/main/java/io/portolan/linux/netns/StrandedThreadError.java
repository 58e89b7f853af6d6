package io.portolan.linux.netns;

/**
 * A thread is left in a namespace that is not its own: whatever it did next would happen in the
 * wrong place. An error, so that nothing catches it and the thread ends.
 */
public final class StrandedThreadError extends Error {
  private static final long serialVersionUID = 1;

  StrandedThreadError(String message) {
    super(message);
  }
}
