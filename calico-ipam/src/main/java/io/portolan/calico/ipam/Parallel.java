package io.portolan.calico.ipam;

import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;
import java.util.function.Function;

/** Does things that do not depend on each other, and waits for all. */
public interface Parallel {
  /** One after the other. */
  Parallel NONE =
      new Parallel() {
        @Override
        public <T, R> List<R> map(List<T> items, Function<T, R> action) {
          return items.stream().map(action).toList();
        }
      };

  /** The results in the order of the items. */
  <T, R> List<R> map(List<T> items, Function<T, R> action);

  /**
   * At the same time.
   *
   * @param most at once
   */
  static Parallel threads(int most) {
    return new Parallel() {
      private final Semaphore slots = new Semaphore(most);

      @Override
      public <T, R> List<R> map(List<T> items, Function<T, R> action) {
        if (items.size() == 1) {
          return List.of(action.apply(items.getFirst()));
        }
        List<FutureTask<R>> tasks =
            items.stream()
                .map(item ->
                    new FutureTask<R>(
                        (Callable<R>)
                            () -> {
                              slots.acquire();
                              try {
                                return action.apply(item);
                              } finally {
                                slots.release();
                              }
                            }))
                .toList();
        tasks.forEach(task -> Thread.ofVirtual().name("ipam-write").start(task));
        return tasks.stream().map(task -> Parallel.result(task)).toList();
      }
    };
  }

  private static <R> R result(FutureTask<R> task) {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return task.get();
        } catch (InterruptedException e) {
          // What was begun is finished first: calls have time limits of their own.
          interrupted = true;
        } catch (ExecutionException e) {
          throw new IllegalStateException(e.getCause());
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
