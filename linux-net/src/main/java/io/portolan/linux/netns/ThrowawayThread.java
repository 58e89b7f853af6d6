package io.portolan.linux.netns;

import org.jspecify.annotations.Nullable;

/**
 * Runs code on a platform thread that ends afterwards, so that a namespace it entered is left with
 * it.
 *
 * <p>Never a pooled or virtual thread: the next task on its carrier would run in the wrong
 * namespace.
 */
final class ThrowawayThread {
  private ThrowawayThread() {}

  /** Runs {@code action} and waits; an interrupt of the caller is passed on and kept. */
  @SuppressWarnings("unchecked") // what an action throws is E or unchecked
  static <T extends @Nullable Object, E extends Exception> T call(
      String name, NamespaceAction<T, E> action) throws E {
    Run<T> run = new Run<>(action);
    Thread thread = Thread.ofPlatform().name(name).daemon().start(run);
    boolean interrupted = false;
    while (true) {
      try {
        thread.join();
        break;
      } catch (InterruptedException e) {
        interrupted = true;
        thread.interrupt();
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    return switch (run.failure) {
      case null -> run.result();
      case Error error -> throw error;
      case RuntimeException exception -> throw exception;
      default -> throw (E) run.failure;
    };
  }

  /** The action and what became of it. Written by the thread, read after it has ended. */
  private static final class Run<T extends @Nullable Object> implements Runnable {
    private final NamespaceAction<T, ?> action;
    private @Nullable T result;
    private @Nullable Throwable failure;

    Run(NamespaceAction<T, ?> action) {
      this.action = action;
    }

    @Override
    public void run() {
      try {
        result = action.run();
      } catch (Throwable e) {
        failure = e;
      }
    }

    @SuppressWarnings("NullAway") // null only where T permits it
    T result() {
      return result;
    }
  }
}
