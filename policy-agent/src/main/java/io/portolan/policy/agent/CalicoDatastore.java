package io.portolan.policy.agent;

import com.fasterxml.jackson.databind.JsonNode;
import io.portolan.common.kube.KubeClient;
import io.portolan.common.kube.KubeEvent;
import io.portolan.common.kube.KubeWatch;
import io.portolan.common.kube.ObjectKey;
import io.portolan.common.kube.RecordDecoder;
import io.portolan.common.kube.WatchOptions;
import io.portolan.common.kube.WatchScope;
import io.portolan.policy.calico.CalicoKinds;
import io.portolan.policy.calico.InForce;
import io.portolan.policy.calico.StoredForm;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Follows what Calico says of where its objects are: see {@link InForce}. */
final class CalicoDatastore implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(CalicoDatastore.class);

  private final Consumer<InForce> listener;
  private final List<KubeWatch<JsonNode>> watches;

  // Guarded by this; the listener is called under it, so that it hears in order.
  private final Set<CalicoGroup> listed = EnumSet.noneOf(CalicoGroup.class);
  private final Map<CalicoGroup, InForce.Datastore> said = new EnumMap<>(CalicoGroup.class);
  private Optional<InForce> told = Optional.empty();

  /**
   * @param listener hears which one it is as soon as that is known, and when it is another one; by
   *     one thread at a time
   * @param options with absence
   */
  CalicoDatastore(KubeClient client, WatchOptions options, Consumer<InForce> listener) {
    this.listener = listener;
    this.watches =
        List.of(
            watch(client, CalicoGroup.USED, options), watch(client, CalicoGroup.STORED, options));
  }

  private KubeWatch<JsonNode> watch(KubeClient client, CalicoGroup group, WatchOptions options) {
    return KubeWatch.start(
        client,
        WatchScope.all(
            group == CalicoGroup.USED
                ? CalicoKinds.CLUSTER_INFORMATION
                : StoredForm.path(CalicoKinds.CLUSTER_INFORMATION)),
        RecordDecoder.ofTree(tree -> tree),
        event -> heard(group, event),
        options);
  }

  private synchronized void heard(CalicoGroup group, KubeEvent<JsonNode> event) {
    switch (event) {
      case KubeEvent.Synced<JsonNode> all -> {
        listed.add(group);
        said.remove(group);
        all.objects().forEach(one -> read(group, one));
      }
      case KubeEvent.Upsert<JsonNode> one -> read(group, one.object());
      case KubeEvent.Delete<JsonNode>(ObjectKey key, String _) -> {
        if (key.equals(InForce.NAME)) {
          said.remove(group);
        }
      }
      // What was said last holds meanwhile.
      case KubeEvent.Disconnected<JsonNode> _, KubeEvent.Resumed<JsonNode> _ -> {}
    }
    tell();
  }

  private void read(CalicoGroup group, JsonNode object) {
    InForce.Datastore.of(object).ifPresent(says -> said.put(group, says));
  }

  private void tell() {
    if (listed.size() < CalicoGroup.values().length) {
      return;
    }
    InForce now =
        InForce.of(
            Optional.ofNullable(said.get(CalicoGroup.USED)),
            Optional.ofNullable(said.get(CalicoGroup.STORED)));
    if (!told.equals(Optional.of(now))) {
      if (told.isPresent() || now != InForce.EITHER) {
        LOG.info(
            "Calico's objects are taken from {}; its datastores say {}",
            switch (now) {
              case USED -> CalicoKinds.API_VERSION;
              case STORED -> StoredForm.API_VERSION;
              case EITHER -> CalicoKinds.API_VERSION + " or else " + StoredForm.API_VERSION;
            },
            said);
      }
      told = Optional.of(now);
      listener.accept(now);
    }
  }

  @Override
  public void close() {
    watches.forEach(KubeWatch::close);
  }
}
