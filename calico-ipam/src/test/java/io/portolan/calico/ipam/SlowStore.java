package io.portolan.calico.ipam;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.portolan.calico.model.ObjectKind;
import io.portolan.calico.store.BlockStore;
import io.portolan.common.kube.KubeResult;
import java.util.List;
import java.util.function.Supplier;

/** A store some way off: before and after each call, others may come in between. */
record SlowStore(BlockStore store, Runnable way) implements BlockStore {
  private <T> KubeResult<T> call(Supplier<KubeResult<T>> call) {
    way.run();
    KubeResult<T> result = call.get();
    way.run();
    return result;
  }

  @Override
  public KubeResult<List<ObjectNode>> list(ObjectKind kind, String label) {
    return call(() -> store.list(kind, label));
  }

  @Override
  public KubeResult<ObjectNode> get(ObjectKind kind, String name) {
    return call(() -> store.get(kind, name));
  }

  @Override
  public KubeResult<ObjectNode> create(ObjectKind kind, ObjectNode object) {
    return call(() -> store.create(kind, object));
  }

  @Override
  public KubeResult<ObjectNode> update(ObjectKind kind, ObjectNode object) {
    return call(() -> store.update(kind, object));
  }

  @Override
  public KubeResult<ObjectNode> delete(
      ObjectKind kind, String name, String uid, String resourceVersion) {
    return call(() -> store.delete(kind, name, uid, resourceVersion));
  }
}
