package io.portolan.sim.ec2;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells listeners of new views, without a lock: whichever thread comes first tells everyone until
 * nothing new has come; the others leave it to that one.
 */
final class ViewFeed {
  private static final Logger log = LoggerFactory.getLogger(ViewFeed.class);

  /** A listener and what it was told last; used by whoever delivers, one thread at a time. */
  private static final class Subscription {
    private final Consumer<VpcView> listener;
    private long told = -1;

    private Subscription(Consumer<VpcView> listener) {
      this.listener = listener;
    }

    private void tell(VpcView view) {
      if (view.revision() == told) {
        return;
      }
      told = view.revision();
      try {
        listener.accept(view);
      } catch (RuntimeException e) {
        log.error("a listener failed on revision {}", view.revision(), e);
      }
    }
  }

  private final Supplier<VpcView> newest;
  private final List<Subscription> subscriptions = new CopyOnWriteArrayList<>();
  private final AtomicInteger waiting = new AtomicInteger();

  ViewFeed(Supplier<VpcView> newest) {
    this.newest = newest;
  }

  Runnable subscribe(Consumer<VpcView> listener) {
    Subscription subscription = new Subscription(listener);
    subscriptions.add(subscription);
    deliver();
    return () -> subscriptions.remove(subscription);
  }

  void deliver() {
    if (waiting.getAndIncrement() != 0) {
      return;
    }
    int served = 1;
    do {
      VpcView view = newest.get();
      subscriptions.forEach(subscription -> subscription.tell(view));
      served = waiting.addAndGet(-served);
    } while (served != 0);
  }
}
