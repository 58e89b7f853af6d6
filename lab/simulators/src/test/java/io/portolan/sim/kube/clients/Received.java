package io.portolan.sim.kube.clients;

import io.portolan.common.kube.KubeEvent;
import io.portolan.common.kube.NamespaceRecord;
import io.portolan.common.kube.PodRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;

/** What a watch delivered, as lines, and the state a consumer would have built from it. */
final class Received<T> implements Consumer<KubeEvent<T>> {
  private final Function<T, String> name;
  private final Function<T, String> text;
  private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();
  private final Map<String, String> state = new TreeMap<>();

  Received(Function<T, String> name, Function<T, String> text) {
    this.name = name;
    this.text = text;
  }

  static Received<PodRecord> pods() {
    return new Received<>(
        pod -> pod.key().toString(),
        pod -> pod.key() + " " + pod.phase() + " " + pod.ips() + " on " + pod.node());
  }

  static Received<NamespaceRecord> namespaces() {
    return new Received<>(NamespaceRecord::name, ns -> ns.name() + " " + ns.labels());
  }

  @Override
  public synchronized void accept(KubeEvent<T> event) {
    switch (event) {
      case KubeEvent.Synced<T>(List<T> objects, boolean _) -> {
        state.clear();
        List<String> all = new ArrayList<>();
        for (T object : objects) {
          state.put(name.apply(object), text.apply(object));
          all.add(text.apply(object));
        }
        lines.add("synced " + all);
      }
      case KubeEvent.Upsert<T>(T object) -> {
        state.put(name.apply(object), text.apply(object));
        lines.add("upsert " + text.apply(object));
      }
      case KubeEvent.Delete<T>(var key, String _) -> {
        state.remove(key.toString());
        lines.add("delete " + key);
      }
      case KubeEvent.Disconnected<T> _ -> lines.add("disconnected");
      case KubeEvent.Resumed<T> _ -> lines.add("resumed");
    }
  }

  /** The next line; "nothing" if none comes in time. */
  String next() throws InterruptedException {
    String line = lines.poll(10, TimeUnit.SECONDS);
    return line == null ? "nothing" : line;
  }

  synchronized Map<String, String> state() {
    return new TreeMap<>(state);
  }
}
