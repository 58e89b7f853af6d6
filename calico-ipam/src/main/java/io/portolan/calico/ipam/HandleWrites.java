package io.portolan.calico.ipam;

import io.portolan.calico.model.Codecs;
import io.portolan.calico.model.IpamHandle;
import io.portolan.calico.model.ObjectNames;
import io.portolan.calico.model.Stored;
import io.portolan.calico.store.IpamObjects;
import io.portolan.common.kube.KubeFault;
import io.portolan.common.kube.KubeResult;
import io.portolan.common.net.Cidr;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Keeps handles saying at least what blocks say: before a block gets an address under a handle, the
 * handle says so, and after a block let go of it, the handle may say so for a while longer. What is
 * too much is harmless, and collected.
 *
 * <p>Remembers handles, so that a deletion needs no read. For several threads, one per handle.
 */
final class HandleWrites {
  private static final int ATTEMPTS = 20;

  private final IpamObjects objects;
  private final Map<String, Stored<IpamHandle>> known = new ConcurrentHashMap<>();

  HandleWrites(IpamObjects objects) {
    this.objects = objects;
  }

  /** Whether the handle was there before, then with the blocks it says. */
  record Ensured(IpamHandle handle, boolean existed) {}

  /** Makes the handle say that it has {@code count} addresses or more of the block. */
  KubeResult<Ensured> ensure(String id, Cidr block, int count) {
    KubeFault last = null;
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      Stored<IpamHandle> before = known.get(id);
      if (before != null && before.value().count(block) >= count) {
        return new KubeResult.Ok<>(new Ensured(before.value(), true));
      }
      KubeResult<Stored<IpamHandle>> written =
          before == null
              ? objects.create(Codecs.HANDLE, new IpamHandle(id, Map.of(block, count), false))
              : objects.update(Codecs.HANDLE, before, before.value().with(block, count));
      switch (written) {
        case KubeResult.Ok<Stored<IpamHandle>>(Stored<IpamHandle> stored) -> {
          known.put(id, stored);
          return new KubeResult.Ok<>(new Ensured(stored.value(), before != null));
        }
        case KubeResult.Failed<Stored<IpamHandle>>(KubeFault fault) -> {
          last = fault;
          Optional<KubeFault> hopeless = learn(id, fault);
          if (hopeless.isPresent()) {
            return new KubeResult.Failed<>(hopeless.get());
          }
        }
      }
    }
    return new KubeResult.Failed<>(last == null ? KubeFaults.busy(id) : last);
  }

  /** Makes the handle say that it has {@code count} addresses of the block; 0 for none. */
  Optional<KubeFault> reduce(String id, Cidr block, int count) {
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      Stored<IpamHandle> before = known.get(id);
      if (before == null) {
        Optional<KubeFault> fault = read(id);
        if (fault.isPresent() || !known.containsKey(id)) {
          return fault;
        }
        continue;
      }
      IpamHandle next = before.value().with(block, count);
      if (next.equals(before.value())) {
        return Optional.empty();
      }
      KubeFault fault;
      if (next.blocks().isEmpty()) {
        KubeResult<Boolean> deleted = objects.delete(Codecs.HANDLE, before);
        if (deleted.failure().isEmpty()) {
          known.remove(id);
          return Optional.empty();
        }
        fault = deleted.failure().get();
      } else {
        KubeResult<Stored<IpamHandle>> written = objects.update(Codecs.HANDLE, before, next);
        if (written.toOptional().isPresent()) {
          known.put(id, written.toOptional().get());
          return Optional.empty();
        }
        fault = written.failure().orElseThrow();
      }
      Optional<KubeFault> hopeless = learn(id, fault);
      if (hopeless.isPresent()) {
        return hopeless;
      }
    }
    return Optional.of(KubeFaults.busy(id));
  }

  /** The handle as stored; empty if there is none. */
  KubeResult<Optional<IpamHandle>> find(String id) {
    if (!known.containsKey(id)) {
      Optional<KubeFault> fault = read(id);
      if (fault.isPresent()) {
        return new KubeResult.Failed<>(fault.get());
      }
    }
    return new KubeResult.Ok<>(Optional.ofNullable(known.get(id)).map(Stored::value));
  }

  /** Reads again what a failed write says nothing certain of; a fault that stays is returned. */
  private Optional<KubeFault> learn(String id, KubeFault fault) {
    return switch (fault.kind()) {
      case CONFLICT, ALREADY_EXISTS, NOT_FOUND, UNAVAILABLE -> read(id);
      case EXPIRED, INVALID, DENIED, THROTTLED -> Optional.of(fault);
    };
  }

  private Optional<KubeFault> read(String id) {
    return switch (objects.get(Codecs.HANDLE, ObjectNames.handle(id))) {
      case KubeResult.Ok<Stored<IpamHandle>>(Stored<IpamHandle> stored) -> {
        known.put(id, stored);
        yield Optional.empty();
      }
      case KubeResult.Failed<Stored<IpamHandle>>(KubeFault fault) -> {
        known.remove(id);
        yield fault.kind() == KubeFault.Kind.NOT_FOUND ? Optional.empty() : Optional.of(fault);
      }
    };
  }
}
